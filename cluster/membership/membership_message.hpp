#pragma once

#include "cluster/membership/cluster_state.hpp"
#include "cluster/membership/join_refusal.hpp"
#include "cluster/swc/retirement.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace hetzel::cluster {

/// Random, of one connection; and what shows that its sender knows the secret
/// of the cluster. All zero where TLS vouches for the peer.
using hello_nonce = std::array<std::uint8_t, 16>;
using hello_proof = std::array<std::uint8_t, 32>;

/// Who a process is, first on every link and from both sides.
struct hello {
  store_id store{};
  generation opened{};
  std::string name;
  /// None from a node that is about to join.
  cluster_id cluster;
  std::uint64_t membership_version = 0;
  protocol_range protocol;
  std::uint8_t groups = 0;
  std::uint16_t queue_partitions = 0;
  hello_nonce nonce{};

  bool operator==(const hello&) const = default;
};

/// What the receiver of a hello thinks of it. A link is of use for what the
/// verdicts of both sides allow.
enum class hello_verdict : std::uint8_t {
  /// A member: everything.
  member = 0,
  /// Of this cluster, but unknown or removed here: membership only, so that
  /// one of the two learns.
  stranger = 1,
  /// Of no cluster: a join only.
  newcomer = 2,
  /// The rest are refusals. Of another cluster;
  foreign_cluster = 3,
  /// a process that a later one of the same store has succeeded;
  old_generation = 4,
  /// the own store, so the own process or a copy of its disk;
  own_store = 5,
  no_common_protocol = 6,
  other_params = 7,
  /// not the name that the store has, or that its certificate says;
  wrong_name = 8,
  /// does not know the secret of the cluster.
  bad_proof = 9,
};

inline constexpr auto hello_verdict_last = hello_verdict::bad_proof;

[[nodiscard]] constexpr bool is_refusal(hello_verdict verdict) noexcept {
  return verdict >= hello_verdict::foreign_cluster;
}

struct hello_ack {
  hello_verdict verdict = hello_verdict::member;
  /// The newest process of the store that greeted, as known here; 0: none. A
  /// store that reads a larger one than its own came back from a backup, or
  /// has a twin.
  generation known{};
  hello_proof proof{};

  bool operator==(const hello_ack&) const = default;
};

/// Sign of life. An echo repeats the number of what it answers.
struct heartbeat {
  std::uint64_t number = 0;
  bool is_echo = false;
  /// By how much the sender's event loop is late.
  std::uint32_t lag_ms = 0;
  /// Of the members that the bitmap is about.
  std::uint64_t membership_version = 0;
  /// Whom the sender can reach (`from_bitmap`).
  std::string reachable;

  bool operator==(const heartbeat&) const = default;
};

/// "See whether `target` is alive for me"; answered when it is.
struct probe_request {
  std::uint64_t number = 0;
  store_id target{};

  bool operator==(const probe_request&) const = default;
};

struct probe_answer {
  std::uint64_t number = 0;
  store_id target{};

  bool operator==(const probe_answer&) const = default;
};

/// All that the sender knows of the cluster.
struct members_push {
  cluster_state state;

  bool operator==(const members_push&) const = default;
};

/// A node without a cluster wants to be a member.
struct join_request {
  store_id store{};
  /// None, but from a node that has got a cluster and no business here.
  cluster_id cluster;
  /// Whether its database has got anything in it.
  bool has_records = false;
  member_facts facts;
  std::uint8_t groups = 0;
  std::uint16_t queue_partitions = 0;
  /// The store of the same name whose place it takes, after a lost disk.
  std::optional<store_id> replaces;

  bool operator==(const join_request&) const = default;
};

struct join_accepted {
  cluster_state state;

  bool operator==(const join_accepted&) const = default;
};

struct join_refused {
  join_refusal why = join_refusal::no_cluster;
  /// Of who was asked; none with `no_cluster`.
  cluster_id cluster;
  /// With `name_taken`: who has it.
  store_id holder{};

  bool operator==(const join_refused&) const = default;
};

/// "Close this actor's column and say what you know of it"
/// (`replica::close`, `column_of`).
struct retire_poll {
  shard_no shard{};
  actor_id actor{};
  /// `version_of` the members who are asked.
  std::uint64_t members_version = 0;

  bool operator==(const retire_poll&) const = default;
};

struct retire_answer {
  shard_no shard{};
  actor_id actor{};
  /// Of the members as the answering one knows them.
  std::uint64_t members_version = 0;
  dot_set dots;
  std::uint64_t bound = 0;

  bool operator==(const retire_answer&) const = default;
};

using membership_body
  = std::variant<hello, hello_ack, heartbeat, probe_request, probe_answer,
                 members_push, join_request, join_accepted, join_refused,
                 retire_poll, retire_answer>;

/// With who says it. In `hello` and `join_request` the sender is named in the
/// body; both are the same.
struct membership_message {
  store_id source{};
  generation opened{};
  membership_body body;

  bool operator==(const membership_message&) const = default;
};

} // namespace hetzel::cluster
