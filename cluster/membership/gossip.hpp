#pragma once

#include "cluster/membership/steady_time.hpp"
#include "cluster/swc/dot.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace hetzel::cluster {

struct gossip_options {
  /// Everything to one member by chance, however quiet it is.
  std::chrono::milliseconds interval = std::chrono::seconds{5};
  /// The same version is not sent to the same peer again within this.
  std::chrono::milliseconds resend_min = std::chrono::seconds{1};
};

/// To whom the state of the cluster is owed, and when. It knows versions only:
/// a peer that names another one than ours gets ours, and sends its own for
/// the same reason, so two that talk end with the same.
class gossip {
public:
  /// `random` gives uniform 64 bits.
  gossip(gossip_options options, std::function<std::uint64_t()> random)
    : options_(options), random_(std::move(random)) {}

  /// Of the state that may leave this node.
  void set_own(std::uint64_t version) noexcept { own_ = version; }
  [[nodiscard]] std::uint64_t own() const noexcept { return own_; }

  /// The peer said which version it has.
  void heard(store_id peer, std::uint64_t version) {
    peers_[peer].has = version;
  }
  /// The peer lacks something, or has something else.
  [[nodiscard]] bool differs(store_id peer) const;
  /// What was sent lately may have been lost with the link.
  void on_link_up(store_id peer) { peers_[peer].sent_version = 0; }
  void forget(store_id peer) { peers_.erase(peer); }

  /// Whether to send the state to the peer now; then that counts as done.
  /// `anyway`: even if it was just sent.
  [[nodiscard]] bool take(store_id peer, steady_time now, bool anyway = false);

  /// One of these every `interval`; nothing when it is not time or there is
  /// nobody.
  [[nodiscard]] std::optional<store_id>
  pick(const std::vector<store_id>& others, steady_time now);

private:
  struct peer_view {
    std::uint64_t has = 0;
    std::uint64_t sent_version = 0;
    steady_time sent_at;
  };

  gossip_options options_;
  std::function<std::uint64_t()> random_;
  std::uint64_t own_ = 0;
  std::map<store_id, peer_view> peers_;
  std::optional<steady_time> next_;
};

} // namespace hetzel::cluster
