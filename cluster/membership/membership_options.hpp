#pragma once

#include "cluster/membership/gossip.hpp"
#include "cluster/membership/member.hpp"
#include "cluster/membership/seed_join.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace hetzel::cluster {

/// A node as its configuration and its store (store_identity.hpp) say it is.
struct membership_options {
  store_id store{};
  /// Raised, durably, before.
  generation opened{};
  actor_id actor{};
  std::vector<actor_id> retired;
  /// Whether the database has got records of any kind.
  bool has_records = false;

  /// 1 to `node_name_max` bytes.
  std::string name;
  member_addresses addresses;
  /// At most `zone_max` bytes.
  std::string zone;
  protocol_range protocol;
  /// Of a cluster that this node forms; of one it joins they have to be the
  /// same.
  std::uint8_t groups = 16;
  std::uint16_t queue_partitions = 256;
  /// For the record of when a cluster was formed.
  std::uint64_t formed_hlc = 0;

  /// Where others are, host and port. None: a cluster of its own.
  std::vector<endpoint> seeds;
  seed_join_options join;
  gossip_options gossip;
  /// A store that was let in by this node and stays away for this long before
  /// it was ever up is removed.
  std::chrono::milliseconds joining_absence_max = std::chrono::hours{1};
  /// How long peers are waited for when this node leaves.
  std::chrono::milliseconds farewell_max = std::chrono::seconds{10};
  /// Uniform 64 bits.
  std::function<std::uint64_t()> random;
};

} // namespace hetzel::cluster
