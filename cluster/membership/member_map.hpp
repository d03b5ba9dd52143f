#pragma once

#include "cluster/membership/member.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hetzel::cluster {

/// Most stores, removed ones too, that one cluster may ever have had.
inline constexpr std::size_t members_max = 1024;

/// All stores that are or were part of the cluster, and what of it other parts
/// need to know. Merging two maps is commutative, associative and idempotent,
/// and a removed store stays removed.
class member_map {
public:
  /// By store, ascending.
  [[nodiscard]] auto begin() const noexcept { return members_.begin(); }
  [[nodiscard]] auto end() const noexcept { return members_.end(); }
  [[nodiscard]] std::size_t size() const noexcept { return members_.size(); }
  [[nodiscard]] bool empty() const noexcept { return members_.empty(); }

  /// Null for a store that never was a member.
  [[nodiscard]] const member* find(store_id store) const noexcept;
  /// Who counts as a member: known and not removed.
  [[nodiscard]] bool is_member(store_id store) const noexcept;
  [[nodiscard]] bool is_removed(store_id store) const noexcept;
  /// Of those that are not removed; the lowest store where two claim a name.
  [[nodiscard]] const member* named(std::string_view name) const noexcept;

  /// Whether anything changed.
  bool merge(const member& one);
  bool merge(const member_map& other);

  // -- what others need ------------------------------------------------------

  /// Stores that are not removed, ascending.
  [[nodiscard]] std::vector<store_id> active() const;
  /// Of them those whose voice counts in a majority: all but the joining.
  [[nodiscard]] std::vector<store_id> voting() const;
  /// Names that more than one active member claims: something for a person.
  [[nodiscard]] std::set<std::string> disputed_names() const;

  /// For `replica::set_members`.
  [[nodiscard]] std::vector<shard_member> shard_view() const;
  /// Actors that count no more: all of removed stores, the retired ones of the
  /// others. Ascending, each once.
  [[nodiscard]] std::vector<actor_id> retired_actors() const;
  /// Who runs what must run once: the lowest store that is up among those that
  /// can be reached. 0 if there is none.
  [[nodiscard]] store_id
  coordinator(const std::set<store_id>& reachable) const noexcept;

  bool operator==(const member_map&) const = default;

private:
  std::map<store_id, member> members_;
};

/// A bit for each member, in the order of stores, the lowest bit of a byte
/// first; what a heartbeat carries. Only of use with the same map.
[[nodiscard]] std::string to_bitmap(const member_map& members,
                                    const std::set<store_id>& chosen);
/// Bits beyond the members are left out.
[[nodiscard]] std::set<store_id> from_bitmap(const member_map& members,
                                             std::string_view bitmap);

} // namespace hetzel::cluster
