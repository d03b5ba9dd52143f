#pragma once

#include "cluster/membership/member_map.hpp"
#include "cluster/membership/void_map.hpp"

#include <compare>
#include <cstdint>

namespace hetzel::cluster {

/// Random, 128 bits; 0 means "none yet".
struct cluster_id {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  [[nodiscard]] bool is_none() const noexcept { return high == 0 && low == 0; }

  auto operator<=>(const cluster_id&) const = default;
};

/// What is chosen when a cluster is formed, and never again.
struct cluster_params {
  cluster_id id;
  /// Into how many groups the metadata are split. 1 to 255.
  std::uint8_t groups = 16;
  /// Partitions of replicated queues. 1 to 65535.
  std::uint16_t queue_partitions = 256;
  /// When it was formed; for people.
  std::uint64_t created_hlc = 0;

  bool operator==(const cluster_params&) const = default;
};

/// What is gossiped: all that members agree on about the cluster.
struct cluster_state {
  cluster_params params;
  member_map members;
  void_map voids;

  /// Whether anything changed. Precondition: of the same cluster.
  bool merge(const cluster_state& other);

  bool operator==(const cluster_state&) const = default;
};

/// The membership version: equal for equal states, and (but for one chance in
/// 2^64) for them only. XXH3 of the canonical encoding in state_codec.hpp.
[[nodiscard]] std::uint64_t version_of(const cluster_state& state);

/// The same of the members alone.
[[nodiscard]] std::uint64_t version_of(const member_map& members);

} // namespace hetzel::cluster
