#pragma once

#include "cluster/swc/dot.hpp"
#include "cluster/swc/frame.hpp"
#include "cluster/swc/node_clock.hpp"

#include <cstdint>
#include <map>
#include <variant>

namespace hetzel::cluster {

enum class pull_mode : std::uint8_t {
  /// The keys of all dots that the requester lacks; then the clock.
  dots = 0,
  /// The same, then all keys in order: what a newcomer needs, and who comes
  /// back from behind the responder's prune floor.
  range = 1,
  /// Some of the keys of the dots that the requester lacks, and no clock.
  graft = 2,
};

/// Void counters by actor, or watermark rows by store.
using void_set = node_clock;
using watermark_rows = std::map<store_id, version_vector>;

/// What every message between two replicas of a shard begins with.
struct sync_head {
  shard_no shard{};
  store_id source{};
  generation source_generation{};
  /// Chosen by the requester; a pull is named by it and the requester.
  std::uint64_t session = 0;

  bool operator==(const sync_head&) const = default;
};

struct sync_request {
  sync_head head;
  pull_mode mode = pull_mode::dots;
  /// Who counts the requester's events now.
  actor_id actor{};
  /// Most frames on the way without an answer.
  std::uint32_t window = 4;
  node_clock clock;
  version_vector stable;

  bool operator==(const sync_request&) const = default;
};

enum class refusal : std::uint8_t {
  /// Not a member, or removed: exchange membership and try again.
  not_a_member = 0,
  /// In a full sync itself, or serving enough others.
  busy = 1,
  /// The responder knows later events of the requester's actor than the
  /// requester: it must take a new actor.
  clock_regressed = 2,
  /// Behind the prune floor: only a range pull can help.
  need_full = 3,
};

struct sync_refusal {
  sync_head head;
  refusal why = refusal::busy;
  /// With `clock_regressed`: the largest counter that is known here.
  std::uint64_t counter = 0;
  /// With `need_full`.
  version_vector floor;

  bool operator==(const sync_refusal&) const = default;
};

/// The frame and all before it were committed.
struct sync_ack {
  sync_head head;
  std::uint64_t number = 0;

  bool operator==(const sync_ack&) const = default;
};

struct sync_end {
  sync_head head;
  /// The responder's current actor.
  actor_id actor{};
  /// How many frames were sent.
  std::uint64_t frames = 0;
  node_clock clock;
  version_vector floor;
  version_vector stable;
  watermark_rows rows;
  void_set voids;

  bool operator==(const sync_end&) const = default;
};

struct sync_done {
  sync_head head;
  version_vector stable;

  bool operator==(const sync_done&) const = default;
};

using sync_message = std::variant<sync_request, sync_refusal, sync_ack,
                                  sync_end, sync_done, frame>;

} // namespace hetzel::cluster
