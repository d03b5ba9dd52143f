#pragma once

#include "cluster/swc/hlc.hpp"
#include "cluster/swc/pull_server.hpp"
#include "cluster/swc/replica_faults.hpp"
#include "cluster/swc/replica_sink.hpp"
#include "cluster/swc/resolver.hpp"
#include "cluster/swc/retirement.hpp"
#include "cluster/swc/shard_members.hpp"
#include "cluster/swc/shard_state.hpp"
#include "cluster/swc/sync_message.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace hetzel::cluster {

/// A moment in the two clocks a replica needs: one that never jumps for its
/// timeouts, and milliseconds since 1970 for its stamps.
struct moment {
  std::chrono::steady_clock::time_point steady;
  std::uint64_t wall_ms = 0;
};

struct replica_options {
  shard_no shard{};
  store_id store{};
  /// Raised, durably, before this replica is made.
  generation opened{};
  /// Who counts the events of this store now.
  actor_id actor{};
  resolver_table resolvers;
  /// Of write frames and of a pull that is served.
  frame_limits frames;
  /// Most frames of a pull on the way without an answer. 1 to 1000.
  std::uint32_t window = 4;
  /// A pull without any sign of the peer ends after this,
  std::chrono::milliseconds pull_silence_max = std::chrono::seconds{30};
  /// and any pull after this.
  std::chrono::milliseconds pull_duration_max = std::chrono::minutes{10};
  /// Most entries of the dot-key map that one commit collects.
  std::size_t sweep_max = 2000;
  replica_faults faults;
};

/// A local put, or without a value a delete.
struct mutation {
  std::string_view key;
  std::optional<std::string_view> value;
};

/// What became of a frame.
enum class frame_verdict : std::uint8_t {
  /// Joined; it takes effect with the next commit.
  applied,
  /// All of it was known.
  duplicate,
  /// From no member, or from a process that is no more.
  fenced,
  /// A write frame during a range pull, or of a closed actor.
  refused,
  /// Of no pull that goes on here.
  stale,
  /// It knows events of our own actor that we do not.
  regressed,
};

/// Counted since the replica was made.
struct replica_counters {
  std::uint64_t writes = 0;
  std::uint64_t frames_applied = 0;
  std::uint64_t frames_duplicate = 0;
  std::uint64_t items_pulled = 0;
  std::uint64_t pulls = 0;
  std::uint64_t range_pulls = 0;
  std::uint64_t broken_pulls = 0;
  /// Must stay 0: two values with one dot.
  std::uint64_t conflicts = 0;
  /// Stamps from too far in the future.
  std::uint64_t hlc_clamped = 0;
};

/// A shard's replicated map from keys to values: the state machine of one
/// store. It is made from what the store holds, which is all that outlives it.
///
/// It reads the store, and changes it only through `replica_sink::commit`; the
/// store must be given these batches in order and reflect every one that was
/// reported with `on_committed`. In memory the replica is ahead of the store;
/// what leaves it (replies, frames, events, rows) waits for the commit.
///
/// Its functions throw `store_failure` when the store cannot be read; the
/// replica is of no use then.
class replica {
public:
  /// The store (synced before) and the sink outlive this.
  replica(replica_options options, const persistence::reader& store,
          replica_sink& sink);

  // -- commits ---------------------------------------------------------------

  /// The store has all batches up to this one, as durably as a write is to be
  /// before it is acknowledged.
  void on_committed(ticket last);
  /// They also survive a power loss; only then do peers forget what is needed
  /// to send them again. Never before the `on_committed` of the same batch.
  void on_synced(ticket last);

  // -- local -----------------------------------------------------------------

  /// Puts and deletes, all in one commit and in this order; each replaces what
  /// this replica sees of the key. Deleting what is not there does nothing.
  /// `on_written` follows in any case.
  void write(std::span<const mutation> mutations, write_token token,
             moment now);

  /// What is visible of a key, uncommitted writes included.
  [[nodiscard]] std::optional<version> read(std::string_view key) const;
  /// With its siblings, as stored.
  [[nodiscard]] container record(std::string_view key) const {
    return state_.load(key);
  }

  // -- members ---------------------------------------------------------------

  void set_members(const std::vector<shard_member>& members);
  [[nodiscard]] const shard_members& members() const noexcept {
    return members_;
  }
  /// Collects garbage without regard to this member; it will need a range pull
  /// when it is back, and counts again after that.
  void evict(store_id member) { members_.evict(member); }

  /// From now on another actor counts. Ends a pull.
  void rotate(actor_id fresh);
  [[nodiscard]] actor_id actor() const noexcept { return options_.actor; }

  // -- frames and pulls ------------------------------------------------------

  frame_verdict on_frame(const frame& delta, moment now);

  /// False when another pull goes on, or the peer is no member;
  /// `on_pull_ended` follows otherwise.
  bool start_pull(store_id peer, pull_mode mode, moment now);
  void on_refusal(const sync_refusal& message);
  void on_end(const sync_end& message, moment now);
  /// The link to the peer is gone, or its process.
  void stop_pull();
  [[nodiscard]] bool is_pulling() const noexcept { return pull_.has_value(); }
  [[nodiscard]] bool is_range_pulling() const noexcept {
    return pull_ && pull_->mode == pull_mode::range;
  }

  /// The other side: what to answer a request with, from a snapshot of the
  /// store that was taken after it arrived. A request that comes twice is
  /// refused the second time. Whoever holds the server counts them and may
  /// refuse with `busy` before.
  [[nodiscard]] expected<pull_server, sync_refusal>
  serve(const sync_request& request,
        std::shared_ptr<const persistence::reader> snapshot, moment now);
  void on_done(const sync_done& message);

  // -- watermarks and garbage ------------------------------------------------

  /// What was said by a member, or for it: all that it surely has on disk.
  void raise_row(store_id member, const version_vector& row);
  /// What this store surely has on disk.
  [[nodiscard]] const version_vector& stable() const noexcept {
    return stable_;
  }
  [[nodiscard]] const watermark_rows& rows() const noexcept {
    return state_.image().rows;
  }
  /// The clock of the store, for peers to see whether they lack something.
  [[nodiscard]] const node_clock& committed_clock() const noexcept {
    return committed_;
  }
  /// Whether the clock of a peer has something that is missing here.
  [[nodiscard]] bool lags(const node_clock& peer) const {
    return !state_.clock().includes(peer);
  }

  /// One commit of garbage, at most: dots that all have, contexts that the
  /// clock covers. Whether there is more. Call it after rows rose and after a
  /// pull, and every few seconds.
  bool collect();
  /// Ends a pull that takes too long. Call it about once a second.
  void tick(moment now);

  // -- retired actors --------------------------------------------------------

  /// Takes no more write frames of the actor. Once this commit was reported,
  /// `column_of` may be told to whoever polls (retirement.hpp).
  ticket close(actor_id retired);
  [[nodiscard]] retired_column column_of(actor_id retired) const;
  /// What everybody agreed on: nobody has these, and nobody ever will.
  void add_voids(const void_set& voids);

  // -- looking inside --------------------------------------------------------

  [[nodiscard]] const shard_state& state() const noexcept { return state_; }
  [[nodiscard]] const replica_counters& counters() const noexcept {
    return counters_;
  }

private:
  struct pull {
    store_id peer{};
    pull_mode mode = pull_mode::dots;
    std::uint64_t session = 0;
    std::uint64_t frames = 0;
    /// Of the process that sent the frames.
    generation server{};
    std::chrono::steady_clock::time_point started;
    std::chrono::steady_clock::time_point progressed;
  };

  /// What waits for a commit.
  struct outcome {
    ticket number = 0;
    std::vector<node_clock::column> columns;
    std::vector<change> changes;
    std::vector<frame> frames;
    std::vector<std::pair<store_id, sync_message>> messages;
    std::vector<write_token> tokens;
    std::optional<std::pair<store_id, pull_outcome>> pulled;
  };

  class joining;

  ticket commit(outcome after);
  void hand_out(outcome& after);
  void note_change(std::string_view key, const container& before,
                   const container& after, outcome& into) const;
  std::optional<dot> apply(const mutation& what, moment now, outcome& into);
  void pack_write(std::map<std::string_view, std::vector<dot>> written,
                  outcome& into);
  [[nodiscard]] frame_verdict admit(const frame& delta);
  [[nodiscard]] bool knows_more_of_us(const frame& delta) const;
  [[nodiscard]] bool is_known(const frame& delta) const;
  [[nodiscard]] bool is_of_pull(const sync_head& head) const;
  [[nodiscard]] sync_head head(std::uint64_t session) const;
  void take_over(const sync_end& end);
  void end_pull(pull_outcome why);

  replica_options options_;
  replica_sink& sink_;
  shard_state state_;
  shard_members members_;
  hybrid_clock hlc_;
  node_clock committed_;
  version_vector stable_;
  std::deque<outcome> pending_;
  std::deque<std::pair<ticket, version_vector>> unsynced_;
  std::optional<pull> pull_;
  std::uint64_t pulls_ = 0;
  // The newest session of each member that asked.
  std::map<store_id, std::uint64_t> served_;
  std::uint64_t write_frames_ = 0;
  replica_counters counters_;
};

} // namespace hetzel::cluster
