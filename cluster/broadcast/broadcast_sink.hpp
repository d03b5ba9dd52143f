#pragma once

#include "cluster/broadcast/broadcast_message.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace hetzel::cluster {

/// Bytes that several links send without a copy for each.
using shared_bytes = std::shared_ptr<const std::string>;

/// The queues of a link that the broadcast layer fills.
enum class link_queue : std::uint8_t {
  /// Prunes, grafts and digests (broadcast_codec.hpp).
  control,
  /// Write frames (swc/frame_codec.hpp).
  metadata,
};

/// What a shard has, all of one moment.
struct shard_report {
  /// All that has arrived, what is not committed yet too.
  node_clock known;
  /// What is in the store,
  node_clock committed;
  /// and what of it survives a power loss; at most the base of the above.
  version_vector stable;
  /// Entries of the dot-key map.
  std::uint64_t dots = 0;
};

/// The shards of this node, as last reported: answers at once and changes
/// nothing. Behind it stands whatever their owners publish their clocks with;
/// a report may be a little old, and costs at worst a pull too many.
class shard_reports {
public:
  virtual ~shard_reports() = default;

  /// Shards are numbered 0, 1, 2… up to this. 1 to 256.
  [[nodiscard]] virtual std::size_t shards() const = 0;
  /// Valid until the next call of any function.
  [[nodiscard]] virtual const shard_report& report(shard_no shard) const = 0;
};

/// What the broadcast core wants done. Called from within its functions: none
/// of them may be called from here.
class broadcast_sink {
public:
  virtual ~broadcast_sink() = default;

  /// Queue for a peer whose link is up. What the queues hold is accounted for:
  /// say `broadcast::on_sent` once the bytes have left the queue. A link that
  /// goes down forgets its queues.
  virtual void send(store_id to, link_queue queue, shared_bytes bytes) = 0;

  /// Pull the dots that are missing in the shard; false when it is being
  /// pulled already.
  virtual bool start_pull(shard_no shard, store_id peer) = 0;

  /// All that a member says it has on disk (`replica::raise_row`), and how
  /// many entries its dot-key map has.
  virtual void on_row(shard_no shard, store_id member,
                      const version_vector& row, std::uint64_t dots)
    = 0;

  /// A member has another view of the members than this node.
  virtual void on_other_membership(store_id member, std::uint64_t version) = 0;
};

} // namespace hetzel::cluster
