#pragma once

#include "cluster/broadcast/broadcast_peers.hpp"
#include "cluster/broadcast/broadcast_sink.hpp"
#include "cluster/broadcast/broadcast_tree.hpp"
#include "cluster/broadcast/digest_writer.hpp"
#include "cluster/broadcast/lag_watch.hpp"
#include "cluster/errc.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string_view>
#include <vector>

namespace hetzel::cluster {

enum class broadcast_mode : std::uint8_t {
  /// A mesh while there are few nodes, trees beyond.
  automatic,
  /// The origin sends each frame to everybody.
  mesh,
  /// Frames of each root travel along a tree.
  tree,
};

struct broadcast_options {
  store_id store{};
  /// Of this process.
  generation opened{};
  broadcast_mode mode = broadcast_mode::automatic;
  /// Most nodes of a mesh, when the mode is automatic.
  std::size_t mesh_nodes_max = 8;
  tree_options tree;
  std::chrono::milliseconds digest_interval = std::chrono::seconds{1};
  /// Every so many digests to a peer one tells of all shards.
  std::uint64_t complete_every = 10;
  /// Up to so many nodes digests go to all peers; beyond, to the lazy ones and
  /// so many others by chance.
  std::size_t digest_all_nodes_max = 16;
  std::size_t digest_random_peers = 3;
  /// How long a lag lasts before it is pulled; at least three times the round
  /// trip that one in a hundred exceeds.
  std::chrono::milliseconds graft_timeout{300};
  /// How long the tree of a removed root is kept.
  std::chrono::milliseconds removed_root_kept = std::chrono::hours{1};
  /// What the queues of one link may hold.
  std::size_t metadata_queue_bytes_max = std::size_t{16} << 20;
  std::size_t control_queue_bytes_max = std::size_t{1} << 20;
};

/// Counted since the core was made.
struct broadcast_counters {
  std::uint64_t frames_originated = 0;
  /// Copies, to one peer each, of own frames and others'.
  std::uint64_t frames_sent = 0;
  std::uint64_t frames_new = 0;
  std::uint64_t frames_duplicate = 0;
  /// Copies that did not fit into a link's queue; pulls bring what was in them.
  std::uint64_t frames_dropped = 0;
  std::uint64_t prunes_sent = 0;
  std::uint64_t prunes_received = 0;
  std::uint64_t grafts_sent = 0;
  std::uint64_t grafts_received = 0;
  std::uint64_t digests_sent = 0;
  std::uint64_t digests_received = 0;
  /// Shards whose clock alone is too much for a digest.
  std::uint64_t entries_left_out = 0;
  /// Prunes, grafts and digests that did not fit into a link's queue.
  std::uint64_t control_dropped = 0;
  /// Messages that were malformed, or of no member or an earlier process.
  std::uint64_t messages_refused = 0;
  /// Lags that lasted, and the pulls that were begun for them.
  std::uint64_t lags = 0;
  std::uint64_t pulls = 0;
};

/// Brings write frames to all members and finds out what did not arrive: in a
/// mesh, or along trees that shape themselves. All shards share the trees.
///
/// Keeps no frame and no list of those that were seen: whether one is new the
/// replica says, and what is missing shows when clocks are compared. Memory
/// goes with members, shards and roots, never with writes.
///
/// The link and replica beneath are behind `broadcast_sink`; the queues of a
/// link hold at most what the options say. Call `tick` at `next_tick`.
class broadcast {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Shards and sink outlive this.
  broadcast(broadcast_options options, const shard_reports& shards,
            broadcast_sink& sink, std::mt19937_64 random, time_point now);

  // -- members and links -----------------------------------------------------

  /// Replaces the view; `version` names it, the same at all who have it.
  void set_members(std::vector<broadcast_member> members,
                   std::uint64_t version, time_point now);
  void on_link_up(store_id peer);
  void on_link_down(store_id peer);
  void on_round_trips(store_id peer, round_trips measured);
  /// So many bytes have left a queue of the link.
  void on_sent(store_id peer, link_queue queue, std::size_t bytes);

  // -- write frames ----------------------------------------------------------

  /// A write of this node was committed.
  void on_local(const shared_bytes& frame);
  /// A frame of `root` from a peer was new, and is committed now; not before,
  /// or it would be passed on and could still be lost here.
  void on_new(store_id from, store_id root, const shared_bytes& frame);
  /// All of it was known. Of frames that were refused nothing is said here.
  void on_duplicate(store_id from, store_id root, time_point now);

  // -- messages of other cores -----------------------------------------------

  /// `none`, or why the bytes were refused: then the peer breaks the rules.
  errc on_message(store_id from, std::string_view bytes, time_point now);

  /// A pull of the shard has ended, whoever began it; `is_done` if all that the
  /// peer had is here now. What others have and it had not is pulled next, at
  /// once or, after a failure, in one to two graft timeouts.
  void on_pull_ended(shard_no shard, bool is_done, time_point now);

  // -- time ------------------------------------------------------------------

  void tick(time_point now);
  [[nodiscard]] time_point next_tick() const;

  // -- looking inside --------------------------------------------------------

  [[nodiscard]] bool is_mesh() const noexcept;
  [[nodiscard]] const broadcast_counters& counters() const noexcept {
    return counters_;
  }
  /// Of roots whose frames have travelled.
  [[nodiscard]] const std::map<store_id, broadcast_tree>&
  trees() const noexcept {
    return trees_;
  }
  [[nodiscard]] const broadcast_peers& peers() const noexcept {
    return peers_;
  }
  [[nodiscard]] std::size_t lagging() const noexcept { return lags_.size(); }

private:
  broadcast_tree& tree(store_id root);
  void welcome(store_id peer);
  void forget(store_id peer);
  void send_frame(store_id to, const shared_bytes& frame);
  bool send_control(store_id to, const broadcast_message& message);
  void relay(store_id root, const shared_bytes& frame,
             std::optional<store_id> from);
  void on_digest(store_id from, const digest& told, time_point now);
  void beat();
  void send_digest(store_id to, bool is_complete);
  [[nodiscard]] std::vector<store_id> digest_targets();
  void pull_overdue(time_point now);
  void send_grafts(const lag_watch::overdue& lag, time_point now);
  [[nodiscard]] std::chrono::microseconds patience(store_id peer) const;

  broadcast_options options_;
  const shard_reports& shards_;
  broadcast_sink& sink_;
  std::mt19937_64 random_;
  broadcast_peers peers_;
  std::uint64_t membership_ = 0;
  std::map<store_id, broadcast_tree> trees_;
  // The lazy peer of trees of which nothing has been learnt: one for all.
  std::optional<store_id> lazy_;
  digest_writer digests_;
  time_point next_beat_;
  lag_watch lags_;
  broadcast_counters counters_;
};

} // namespace hetzel::cluster
