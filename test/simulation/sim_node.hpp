#pragma once

#include "cluster/swc/replica.hpp"
#include "persistence/memory_store.hpp"
#include "test/simulation/oracle.hpp"
#include "test/simulation/transport.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hetzel::test {

/// What the oracle knows of a message: the events that its sender had
/// incorporated on the keys it tells of.
struct shadow {
  std::map<std::string, event_set> histories;
};

/// What a node needs of the world around it.
class surroundings {
public:
  virtual ~surroundings() = default;

  virtual oracle& truth() = 0;
  [[nodiscard]] virtual cluster::moment now() const = 0;
  virtual void broadcast(node_no from, std::string bytes) = 0;
  virtual void send(node_no from, cluster::store_id to, std::string bytes,
                    std::shared_ptr<const shadow> meaning)
    = 0;
  /// An actor id that nobody has had.
  virtual cluster::actor_id fresh_actor() = 0;
  /// Events that some record may know without a dot that carries them on, for
  /// a range pull of it broke off.
  virtual event_set& loose() = 0;
  /// The most that a store ever had on disk.
  virtual cluster::version_vector& ever_stable(cluster::store_id store) = 0;
  virtual void say(node_no who, const std::function<std::string()>& what) = 0;

  // -- what a node tells of itself --------------------------------------------

  virtual void on_started(node_no who) = 0;
  virtual void on_members(node_no who) = 0;
  /// A frame of the store was new, and is committed now; or it was known.
  virtual void on_new_frame(const letter& frame, cluster::store_id root) = 0;
  virtual void on_known_frame(const letter& frame, cluster::store_id root) = 0;
  virtual void on_pull_ended(node_no who, cluster::pull_outcome how) = 0;
};

/// How nodes are run.
struct node_options {
  /// Acknowledge and send what a power loss cannot take back; otherwise what
  /// the end of the process cannot.
  bool synced = true;
  cluster::frame_limits frames;
  std::size_t sweep_max = 2000;
  std::uint32_t window = 4;
  std::int64_t skew_ms = 0;
  cluster::replica_faults faults;
};

/// A node with one shard: a disk, on and off a process with a replica, and the
/// oracle's account of what it has incorporated, which lives in the same
/// batches and snapshots as the replica's own records.
class sim_node final : public cluster::replica_sink {
public:
  using member_map = std::map<cluster::store_id, cluster::shard_member>;

  sim_node(node_no number, cluster::store_id store, node_options options,
           surroundings& world);

  [[nodiscard]] node_no number() const noexcept { return number_; }
  [[nodiscard]] cluster::store_id store() const noexcept { return store_; }
  [[nodiscard]] cluster::replica& core() noexcept { return *core_; }
  [[nodiscard]] const cluster::replica& core() const noexcept {
    return *core_;
  }
  [[nodiscard]] const persistence::memory_store& disk() const noexcept {
    return *disk_;
  }
  [[nodiscard]] cluster::generation opened() const noexcept {
    return cluster::generation{opened_};
  }
  /// Who counts its events, and who did before.
  [[nodiscard]] const std::vector<cluster::actor_id>& actors() const noexcept {
    return actors_;
  }

  // -- what clients and time do ----------------------------------------------

  /// Puts or deletes, all in one commit.
  void write(const std::vector<std::pair<std::string, bool>>& mutations);
  /// The oldest commits reach the store, and the replica hears of it.
  void flush(std::size_t commits = SIZE_MAX);
  /// Flushes, and all of it survives a power loss from now on.
  void sync();
  void collect();
  void tick() { core_->tick(world_.now()); }
  void start_pull(cluster::store_id peer, cluster::pull_mode mode);

  // -- what the network does --------------------------------------------------

  void on_frame(const letter& received);
  void on_sync(const letter& received);
  /// The link to a peer is gone.
  void on_cut(cluster::store_id peer);
  void drop_servers() { servers_.clear(); }

  // -- members ----------------------------------------------------------------

  [[nodiscard]] const member_map& members() const noexcept { return members_; }
  void set_member(cluster::shard_member member);
  /// Tells the other node members, voids and rows.
  void gossip_to(sim_node& other) const;

  // -- faults -----------------------------------------------------------------

  /// The process ends, with so many commits written and not reported.
  void crash(std::size_t half_done);
  /// The machine ends: of the unsynced batches the first `kept` survive.
  void lose_power(std::size_t half_done, std::size_t kept);
  void rotate();
  /// All that is on disk, and a node that goes on from it.
  [[nodiscard]] persistence::write_batch image() const;
  void restore(const persistence::write_batch& image);

  // -- checks -----------------------------------------------------------------

  /// After every step; throws `broken_rule`.
  void check() const;
  /// At rest: nothing is left of what is not alive.
  void check_garbage() const;
  [[nodiscard]] const std::map<std::string, event_set>&
  histories() const noexcept {
    return histories_;
  }
  [[nodiscard]] std::map<std::string, std::string> visible() const;
  [[nodiscard]] std::size_t uncommitted() const noexcept {
    return uncommitted_.size();
  }
  std::optional<cluster::pull_outcome> last_pull;
  [[nodiscard]] cluster::store_id last_peer() const { return pull_peer_; }

  // -- replica_sink -----------------------------------------------------------

  void commit(cluster::ticket number, persistence::write_batch batch) override;
  void broadcast(cluster::frame delta) override;
  void send(cluster::store_id to, cluster::sync_message message) override;
  void on_written(cluster::write_token token) override;
  void on_change(const cluster::change& what) override;
  void on_pull_ended(cluster::store_id peer,
                     cluster::pull_outcome outcome) override;
  void on_clock_regressed(std::uint64_t counter) override;

private:
  struct served {
    cluster::pull_server server;
    std::shared_ptr<const persistence::reader> snapshot;
  };
  struct commit_due {
    cluster::ticket number = 0;
    persistence::write_batch batch;
    /// Of this node's own, in the batch.
    std::vector<std::size_t> events;
  };
  using server_key = std::pair<cluster::store_id, std::uint64_t>;

  void start();
  void take_actor();
  void reload();
  /// All that is on the disk now survives a power loss.
  void note_durable();
  void end_process(std::size_t half_done);
  [[noreturn]] void fail(const std::string& what) const;
  [[nodiscard]] cluster::moment now() const;
  void on_pull_frame(const cluster::frame& delta, const shadow& meaning);
  void on_end(const cluster::sync_end& end, const shadow& meaning);
  void serve(const cluster::sync_request& request);
  void pump(const server_key& which);
  [[nodiscard]] std::shared_ptr<const shadow>
  meaning_of(const cluster::sync_message& message, const served& from) const;
  void check_record(const std::string& key, const event_set& history) const;
  void check_clock() const;

  node_no number_;
  cluster::store_id store_;
  cluster::actor_id actor_{};
  std::vector<cluster::actor_id> actors_;
  node_options options_;
  surroundings& world_;
  std::unique_ptr<persistence::memory_store> disk_;
  std::uint32_t opened_ = 0;
  member_map members_;

  // Of the process:
  std::unique_ptr<cluster::replica> core_;
  std::deque<commit_due> uncommitted_;
  std::map<std::string, event_set> histories_;
  std::map<server_key, served> servers_;
  std::map<std::string, cluster::version> view_;
  bool rotates_ = false;
  cluster::pull_mode pull_mode_ = cluster::pull_mode::dots;
  cluster::store_id pull_peer_{};
  cluster::ticket last_committed_ = 0;
  // Frames that are passed on once they are committed.
  std::deque<std::pair<cluster::ticket, std::pair<letter, cluster::store_id>>>
    taken_;
  // What the commit that is being made adds to the histories.
  std::map<std::string, event_set> merging_;
  std::vector<std::size_t> writing_;
  bool has_committed_ = false;
  std::map<cluster::write_token, event_set> tokens_;
  cluster::write_token next_token_ = 1;

  // Beyond the process: what was acknowledged, by key.
  std::map<std::string, event_set> acknowledged_;
};

[[nodiscard]] std::string to_string(cluster::store_id store);

} // namespace hetzel::test
