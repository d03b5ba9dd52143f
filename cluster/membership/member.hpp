#pragma once

#include "cluster/swc/dot.hpp"
#include "cluster/swc/shard_members.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hetzel::cluster {

/// Longest name of a node, host, and zone, in bytes; decoders refuse longer.
inline constexpr std::size_t node_name_max = 255;
inline constexpr std::size_t host_max = 255;
inline constexpr std::size_t zone_max = 64;

/// Most actors that one store may have retired.
inline constexpr std::size_t retired_actors_max = 4096;

/// Where something listens. The host is a name or an address as a person
/// writes it; empty with port 0: nothing listens there.
struct endpoint {
  std::string host;
  std::uint16_t port = 0;

  auto operator<=>(const endpoint&) const = default;
};

/// Where peers reach a node.
struct member_addresses {
  endpoint control;
  /// Publishes on their way.
  endpoint traffic;
  /// Queues on the move.
  endpoint queue;

  auto operator<=>(const member_addresses&) const = default;
};

/// The versions of the wire formats that a node speaks, both ends included.
struct protocol_range {
  std::uint8_t least = 1;
  std::uint8_t most = 1;

  [[nodiscard]] bool overlaps(const protocol_range& other) const noexcept {
    return least <= other.most && other.least <= most;
  }

  auto operator<=>(const protocol_range&) const = default;
};

/// What a member says of itself and nobody else may raise. Later facts compare
/// greater: by generation, then by revision. Two facts that are equal in both
/// and differ in the rest come from two processes that share a disk or a
/// backup; the order then is arbitrary, but the same everywhere.
struct member_facts {
  generation opened{};
  /// Raised with each change within one process.
  std::uint32_t revision = 0;
  std::string name;
  member_addresses addresses;
  /// Where the node stands, to spread what must not fail together. May be
  /// empty.
  std::string zone;
  protocol_range protocol;
  /// Who counts this store's events, and who did before, ascending.
  actor_id actor{};
  std::vector<actor_id> retired;

  auto operator<=>(const member_facts&) const = default;
};

/// A store that is or was part of the cluster (replication.md 4.1).
struct member {
  store_id store{};
  /// Goes one way only; anybody may raise it on an operator's behalf.
  member_state state = member_state::joining;
  member_facts facts;

  [[nodiscard]] bool is_removed() const noexcept {
    return state == member_state::removed;
  }

  bool operator==(const member&) const = default;
};

/// The larger state and the later facts, each for itself: a state that an
/// operator set far away never takes back an address or a generation.
/// Commutative, associative, idempotent. Whether `into` changed.
/// Precondition: both are of one store.
bool join(member& into, const member& other);

/// Whether the facts keep the limits above, and have a name and an actor.
[[nodiscard]] bool is_valid(const member_facts& facts);

/// As a person reads it: "joining", "up", "leaving", "removed".
[[nodiscard]] std::string_view name_of(member_state state) noexcept;

} // namespace hetzel::cluster
