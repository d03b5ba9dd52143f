#pragma once

#include "cluster/broadcast/eager_choice.hpp"
#include "cluster/swc/shard_members.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hetzel::cluster {

/// A member as the broadcast layer needs to know it.
struct broadcast_member {
  store_id store{};
  /// The newest process of it that this node has heard of.
  generation newest{};
  member_state state = member_state::up;
  /// The failure zone; empty when the operator names none.
  std::string zone;
  /// Who counts its events, and who did before.
  std::vector<actor_id> actors;
};

/// How long a peer takes to answer a heartbeat.
struct round_trips {
  std::chrono::microseconds median{};
  /// One in a hundred takes longer.
  std::chrono::microseconds p99{};
};

/// An open link to a peer, and what its queues hold.
struct peer_link {
  round_trips measured{};
  std::size_t metadata_bytes = 0;
  std::size_t control_bytes = 0;
  /// A frame did not fit in since the last digest: the peer lacks something
  /// and does not know.
  bool owes_digest = false;
  /// The beat of the last digest, and how many there were.
  std::uint64_t digest_beat = 0;
  std::uint64_t digests = 0;
};

/// The members, and the links to those that can be reached. A peer counts as
/// reachable while it is a member and its link is up, whichever comes first.
class broadcast_peers {
public:
  explicit broadcast_peers(store_id own) : own_(own) {}

  /// Replaces the view. Removed members may be in it or not.
  void set(std::vector<broadcast_member> members);

  /// Members that are not removed, this node among them: all agree on it, as
  /// they do not on who can be reached.
  [[nodiscard]] std::size_t nodes() const noexcept { return nodes_; }
  /// Not removed, and not this node.
  [[nodiscard]] bool is_member(store_id store) const;
  [[nodiscard]] const broadcast_member* find(store_id store) const;
  /// Whose events an actor counts.
  [[nodiscard]] std::optional<store_id> owner(actor_id actor) const;

  void open(store_id peer) { links_.try_emplace(peer); }
  void close(store_id peer) { links_.erase(peer); }
  /// Of a member or of somebody who may become one.
  [[nodiscard]] bool is_open(store_id peer) const {
    return links_.contains(peer);
  }
  /// The link of a reachable peer; nothing otherwise.
  [[nodiscard]] peer_link* link(store_id peer);
  [[nodiscard]] const peer_link* link(store_id peer) const;

  /// By store, ascending.
  [[nodiscard]] std::vector<store_id> reachable() const;
  /// The same and this node, member or not yet, for `choose_eager`.
  [[nodiscard]] std::vector<eager_candidate> ring() const;

private:
  store_id own_;
  std::map<store_id, broadcast_member> members_;
  std::size_t nodes_ = 1;
  std::map<actor_id, store_id> owners_;
  std::map<store_id, peer_link> links_;
};

} // namespace hetzel::cluster
