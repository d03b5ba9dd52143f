#pragma once

#include <cstdint>
#include <string_view>

namespace hetzel::cluster {

/// Why a node was not let into a cluster.
enum class join_refusal : std::uint8_t {
  /// Who was asked belongs to no cluster itself.
  no_cluster = 0,
  /// Who was asked is joining or leaving, or cannot save; ask again.
  not_ready = 1,
  /// The joining node belongs to another cluster.
  foreign_cluster = 2,
  /// It has data, and they are not of this cluster.
  not_empty = 3,
  /// Its store was removed from this cluster.
  store_removed = 4,
  /// Another member has its name.
  name_taken = 5,
  /// The store it wants to replace is unknown, or not of its name.
  wrong_replacement = 6,
  /// The store it wants to replace can be reached.
  replaced_is_alive = 7,
  /// No version of the protocol that both speak.
  no_common_protocol = 8,
  /// It was set up for other numbers of groups or queue partitions.
  other_params = 9,
  /// The cluster has had as many stores as one may have.
  full = 10,
  /// Who was asked is the joining node itself.
  itself = 11,
};

inline constexpr auto join_refusal_last = join_refusal::itself;

/// A sentence for the operator of the joining node, without a full stop.
[[nodiscard]] constexpr std::string_view sentence(join_refusal why) noexcept {
  switch (why) {
    case join_refusal::no_cluster:
      return "the seed belongs to no cluster yet";
    case join_refusal::not_ready:
      return "the seed cannot admit anybody now; it will be asked again";
    case join_refusal::foreign_cluster:
      return "this node belongs to another cluster";
    case join_refusal::not_empty:
      return "this node has data of its own; only an empty one may join";
    case join_refusal::store_removed:
      return "this store was removed from the cluster; wipe it to join again";
    case join_refusal::name_taken:
      return "another member has this node's name; remove it, or replace it";
    case join_refusal::wrong_replacement:
      return "the store to be replaced is no member of this node's name";
    case join_refusal::replaced_is_alive:
      return "the store to be replaced is in use; stop that node first";
    case join_refusal::no_common_protocol:
      return "there is no version of the protocol that both sides speak";
    case join_refusal::other_params:
      return "this node has other numbers of metadata groups or queue "
             "partitions than the cluster";
    case join_refusal::full:
      return "the cluster has had as many stores as it may have";
    case join_refusal::itself:
      return "the seed is this node itself";
  }
  return "";
}

} // namespace hetzel::cluster
