#pragma once

#include "cluster/swc/dot.hpp"
#include "cluster/swc/version_vector.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <queue>
#include <string>
#include <utility>
#include <vector>

namespace hetzel::cluster {

/// Keys whose record has an explicit context, in memory only. Each is watched
/// through one entry of its context: only when the clock covers that entry can
/// the context become empty, and then the key is due to be stripped, and
/// watched through another entry if one is left.
class unstripped_keys {
public:
  /// Precondition: `context` is not empty and the key is not here.
  void watch(std::string key, const version_vector& context) {
    auto& entry = *context.begin();
    watched_[entry.actor].emplace(entry.counter, std::move(key));
    ++size_;
  }

  /// The clock's base of an actor rose.
  void raise(actor_id actor, std::uint64_t base) {
    auto found = watched_.find(actor);
    if (found == watched_.end())
      return;
    auto& keys = found->second;
    for (; !keys.empty() && keys.top().first <= base; keys.pop())
      due_.push_back(keys.top().second);
    if (keys.empty())
      watched_.erase(found);
  }

  [[nodiscard]] bool has_due() const noexcept { return !due_.empty(); }

  /// Precondition: `has_due()`. The key is not here any more.
  [[nodiscard]] std::string take_due() {
    auto key = std::move(due_.front());
    due_.pop_front();
    --size_;
    return key;
  }

  /// All of them, due or not.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
  using element = std::pair<std::uint64_t, std::string>;
  using heap
    = std::priority_queue<element, std::vector<element>, std::greater<>>;

  std::map<actor_id, heap> watched_;
  std::deque<std::string> due_;
  std::size_t size_ = 0;
};

} // namespace hetzel::cluster
