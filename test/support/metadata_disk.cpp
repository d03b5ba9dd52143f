#include "test/support/metadata_disk.hpp"

#include <stdexcept>
#include <utility>

namespace hetzel::test {

using persistence::errc;

class metadata_disk::store final : public persistence::key_value_store {
public:
  store(std::shared_ptr<metadata_disk> of, persistence::memory_store& on)
    : disk_(std::move(of)), on_(on) {}

  [[nodiscard]] persistence::expected<std::optional<std::string>, errc>
  get(std::string_view key) const override {
    return on_.get(key);
  }

  [[nodiscard]] std::unique_ptr<persistence::cursor>
  scan(std::string_view from, std::string_view to) const override {
    return on_.scan(from, to);
  }

  [[nodiscard]] std::unique_ptr<persistence::cursor>
  scan_back(std::string_view from, std::string_view to) const override {
    return on_.scan_back(from, to);
  }

  [[nodiscard]] errc write(const persistence::write_batch& batch,
                           persistence::durability level) override {
    if (&on_ == &disk_->records)
      disk_->pass();
    return on_.write(batch, level);
  }

  [[nodiscard]] std::shared_ptr<const persistence::reader>
  snapshot() const override {
    return on_.snapshot();
  }

  [[nodiscard]] std::uint64_t
  approximate_bytes(std::string_view from, std::string_view to) const override {
    return on_.approximate_bytes(from, to);
  }

private:
  std::shared_ptr<metadata_disk> disk_;
  persistence::memory_store& on_;
};

std::shared_ptr<metadata_disk> metadata_disk::make() {
  return std::make_shared<metadata_disk>();
}

std::unique_ptr<persistence::key_value_store> metadata_disk::open() {
  return std::make_unique<store>(shared_from_this(), records);
}

std::unique_ptr<persistence::key_value_store> metadata_disk::open_messages() {
  return std::make_unique<store>(shared_from_this(), messages);
}

cluster::store_identity metadata_disk::identify(std::uint8_t groups) {
  std::uint64_t next = 1000;
  auto identity = cluster::open_identity(
    records, {.groups = groups, .random = [&next] { return next++; }});
  if (!identity)
    throw std::runtime_error{identity.error().message};
  return *identity;
}

void metadata_disk::hold() {
  const std::lock_guard guard{mutex_};
  is_held_ = true;
}

void metadata_disk::release() {
  {
    const std::lock_guard guard{mutex_};
    is_held_ = false;
  }
  changed_.notify_all();
}

void metadata_disk::await_write() {
  std::unique_lock guard{mutex_};
  changed_.wait(guard, [this] { return waiting_ > 0; });
}

void metadata_disk::pass() {
  std::unique_lock guard{mutex_};
  ++waiting_;
  changed_.notify_all();
  changed_.wait(guard, [this] { return !is_held_; });
  --waiting_;
}

} // namespace hetzel::test
