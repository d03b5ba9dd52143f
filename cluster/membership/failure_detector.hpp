#pragma once

#include "cluster/membership/steady_time.hpp"
#include "cluster/swc/dot.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

namespace hetzel::cluster {

/// This node's opinion of a peer, and nobody else's. It never changes who is a
/// member.
enum class reach : std::uint8_t { reachable, suspect, unreachable };

struct detector_options {
  /// Between heartbeats to a peer.
  std::chrono::milliseconds heartbeat = std::chrono::milliseconds{500};
  /// A peer is suspect from this φ on, or after this silence,
  double suspect_phi = 5;
  std::chrono::milliseconds suspect_silence = std::chrono::milliseconds{1500};
  /// and unreachable when both of these are reached, or when a lost link was
  /// not made up for within the silence.
  double unreachable_phi = 8;
  std::chrono::milliseconds unreachable_silence = std::chrono::seconds{3};
  /// However irregular a peer was: after this silence it is unreachable.
  std::chrono::milliseconds silence_max = std::chrono::seconds{10};
  /// Who is this late itself stretches all of that, by its own lag over this,
  std::chrono::milliseconds lag_max = std::chrono::milliseconds{500};
  /// up to so many times.
  double stretch_max = 4;

  /// With probes: one peer each period;
  std::chrono::milliseconds probe_period = std::chrono::seconds{1};
  /// how long its answer may take before others are asked to try,
  std::chrono::milliseconds probe_answer_max = std::chrono::milliseconds{500};
  /// how many others,
  std::size_t indirect_probes = 3;
  /// and for how many periods a silent peer is suspect. 4 to 6.
  std::uint32_t suspicion_periods = 5;
  /// Above this many members peers are probed instead of all sending
  /// heartbeats to all.
  std::size_t probe_above = 16;
};

/// What a detector wants done. Called from within its functions; none of them
/// may be called from here.
class detector_sink {
public:
  virtual ~detector_sink() = default;

  /// A heartbeat (membership_message.hpp); the sender adds what else it
  /// carries. Lost when there is no link.
  virtual void beat(store_id to, std::uint64_t number) = 0;
  /// Ask `through` to see whether it reaches `target`.
  virtual void probe_through(store_id through, store_id target,
                             std::uint64_t number) = 0;
  /// The target was reached on behalf of `to`.
  virtual void answer_probe(store_id to, store_id target,
                            std::uint64_t number) = 0;
  virtual void on_reach(store_id peer, reach now) = 0;
};

/// Tells peers that are alive from those that are not. A peer is unreachable
/// until something is heard from it. All times are on the clock of the caller;
/// what a pause of this process itself takes is not held against anybody.
class failure_detector {
public:
  virtual ~failure_detector() = default;

  /// All members but this one. Newcomers begin as unreachable; nothing is said
  /// of those that are gone.
  virtual void set_peers(const std::vector<store_id>& peers,
                         steady_time now) = 0;
  /// A heartbeat of the peer. Send an echo back.
  virtual void on_beat(store_id peer, steady_time now) = 0;
  /// Any other traffic from it.
  virtual void on_heard(store_id peer, steady_time now) = 0;
  virtual void on_echo(store_id peer, std::uint64_t number,
                       steady_time now) = 0;
  /// A member wants to know whether this node reaches the target.
  virtual void on_probe_request(store_id from, store_id target,
                                std::uint64_t number, steady_time now) = 0;
  /// Somebody reached the peer on this node's behalf.
  virtual void on_probe_answer(store_id target, std::uint64_t number,
                               steady_time now) = 0;
  /// Another member does not vouch for the peer.
  virtual void on_hearsay(store_id peer, steady_time now) = 0;
  /// Greeted and acknowledged by both sides.
  virtual void on_link_up(store_id peer, steady_time now) = 0;
  virtual void on_link_reset(store_id peer, steady_time now) = 0;
  /// Every 100 ms. `lag`: by how much the event loop is late.
  virtual void tick(steady_time now, std::chrono::milliseconds lag) = 0;

  /// `unreachable` of those it does not know.
  [[nodiscard]] virtual reach reach_of(store_id peer) const = 0;
  /// Peers that are not unreachable.
  [[nodiscard]] virtual std::set<store_id> reachable() const = 0;
  /// Of them those that this node would vouch for: what its heartbeats say,
  /// so that others look for themselves while it still waits.
  [[nodiscard]] virtual std::set<store_id> undoubted() const = 0;
};

} // namespace hetzel::cluster
