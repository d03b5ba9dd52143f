#include "actors/admin/reply.hpp"

#include <mutex>
#include <utility>

namespace hetzel::admin {

class reply::shared_end {
public:
  explicit shared_end(receiver to) : to_(std::move(to)) {}

  ~shared_end() {
    finish({{}, status{outcome::failed, "nobody answered the command"}});
  }

  shared_end(const shared_end&) = delete;
  shared_end& operator=(const shared_end&) = delete;

  void tell(answer_part part) {
    const std::lock_guard guard{mutex_};
    if (to_)
      to_(std::move(part));
  }

  void finish(answer_part part) {
    const std::lock_guard guard{mutex_};
    if (const auto to = std::exchange(to_, nullptr))
      to(std::move(part));
  }

private:
  std::mutex mutex_; // parts go out in one order
  receiver to_;      // empty after the end
};

reply::reply(receiver to)
  : end_(std::make_shared<shared_end>(std::move(to))) {}

void reply::line(std::string text) const {
  answer_part part;
  part.lines.push_back(std::move(text));
  end_->tell(std::move(part));
}

void reply::done(std::vector<std::string> lines) const {
  end_->finish({std::move(lines), status{}});
}

void reply::fail(std::string why) const {
  end_->finish({{}, status{outcome::failed, std::move(why)}});
}

void reply::reject(std::string why) const {
  end_->finish({{}, status{outcome::usage, std::move(why)}});
}

} // namespace hetzel::admin
