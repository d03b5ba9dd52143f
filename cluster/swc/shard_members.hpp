#pragma once

#include "cluster/swc/dot.hpp"
#include "cluster/swc/sync_message.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace hetzel::cluster {

/// In the order in which a member goes through them; the last is for good.
enum class member_state : std::uint8_t { joining, up, leaving, removed };

struct shard_member {
  store_id store{};
  generation newest{};
  member_state state = member_state::up;
};

/// The members as a shard sees them: whose frames count, and who holds the
/// garbage collection back.
class shard_members {
public:
  explicit shard_members(store_id own) noexcept : own_(own) {}

  /// Replaces the view; returns the stores that are removed or unknown now
  /// and were in it.
  std::vector<store_id> set(const std::vector<shard_member>& members);

  [[nodiscard]] bool is_member(store_id store) const noexcept {
    auto found = members_.find(store);
    return store == own_
           || (found != members_.end()
               && found->second.state != member_state::removed);
  }

  /// Whether something of that process still counts. A generation newer than
  /// ours says that we have not heard yet.
  [[nodiscard]] bool accepts(store_id store, generation from) const noexcept {
    return store != own_ && is_member(store)
           && from >= members_.at(store).newest;
  }

  /// Members but the own store, evicted ones too.
  [[nodiscard]] std::vector<store_id> others() const;

  /// No other member, or all of them are evicted.
  [[nodiscard]] bool is_alone() const noexcept;

  /// What all members surely have; evicted ones do not count.
  [[nodiscard]] version_vector low(const version_vector& own,
                                   const watermark_rows& rows) const;

  // -- eviction: of this replica's own opinion, and forgotten at its end ------

  void evict(store_id store) {
    if (store != own_)
      evicted_.insert(store);
  }
  void readmit(store_id store) { evicted_.erase(store); }
  [[nodiscard]] bool is_evicted(store_id store) const {
    return evicted_.contains(store);
  }

private:
  store_id own_;
  std::map<store_id, shard_member> members_;
  std::set<store_id> evicted_;
};

} // namespace hetzel::cluster
