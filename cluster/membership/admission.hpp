#pragma once

#include "cluster/errc.hpp"
#include "cluster/membership/membership_message.hpp"

#include <set>

namespace hetzel::cluster {

/// What a member that is asked to let a node in knows.
struct admission_view {
  store_id own{};
  protocol_range protocol;
  const cluster_state& state;
  /// Whom it can reach: they are alive and not to be replaced.
  const std::set<store_id>& reachable;
};

/// Whether the node may join, and what changes then: the newcomer, and the
/// store that it replaces as removed, in one step. Asking twice is answered
/// the same way. With data of its own a node never joins, whatever they are:
/// what was deleted here would come back with them.
[[nodiscard]] expected<member_map, join_refused>
admit(const join_request& request, const admission_view& view);

} // namespace hetzel::cluster
