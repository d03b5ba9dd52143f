#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hetzel::cluster {

/// Names a commit of a replica; they count up and are committed in order.
using ticket = std::uint64_t;

/// Records that were handed out in batches the store may not have yet: a
/// replica reads its own writes here first.
class pending_records {
public:
  using records
    = std::map<std::string, std::pair<std::optional<std::string>, ticket>,
               std::less<>>;

  /// No bytes: the record was erased.
  void set(std::string_view key, std::optional<std::string> bytes,
           ticket batch) {
    if (batches_.empty() || batches_.back().first != batch)
      batches_.push_back({batch, {}});
    auto found = records_.find(key);
    if (found == records_.end())
      found = records_.emplace(key, std::pair{std::nullopt, 0}).first;
    if (found->second.second != batch)
      batches_.back().second.emplace_back(key);
    found->second = {std::move(bytes), batch};
  }

  /// The store has all batches up to this one.
  void committed(ticket last) {
    for (; !batches_.empty() && batches_.front().first <= last;
         batches_.pop_front())
      for (auto& key : batches_.front().second) {
        auto found = records_.find(key);
        if (found != records_.end()
            && found->second.second == batches_.front().first)
          records_.erase(found);
      }
  }

  [[nodiscard]] const records& all() const noexcept { return records_; }

private:
  records records_;
  std::deque<std::pair<ticket, std::vector<std::string>>> batches_;
};

} // namespace hetzel::cluster
