#pragma once

#include "cluster/swc/container.hpp"
#include "cluster/swc/dot.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hetzel::cluster {

enum class frame_kind : std::uint8_t {
  /// A commit of its sender, pushed to everybody.
  write = 'W',
  /// Part of a pull: keys of dots that the receiver lacks.
  dots = 'A',
  /// Part of a pull: all keys of a range.
  range = 'R',
};

/// The whole record of a key, and the dots on it that the receiver may add to
/// its clock and dot-key map once it has joined the record.
struct frame_item {
  std::string key;
  container record;
  /// Ascending.
  std::vector<dot> dots;

  bool operator==(const frame_item&) const = default;
};

/// A delta of a shard: all replicated state travels in these.
struct frame {
  frame_kind kind = frame_kind::write;
  shard_no shard{};
  store_id source{};
  generation source_generation{};
  /// Of the pull; 0 in a write frame.
  std::uint64_t session = 0;
  /// Counts 1, 2, 3… within the pull, or the write frames of the sender.
  std::uint64_t number = 0;
  /// Of the sender's clock at the moment the records were read: with it, and
  /// nothing else, they are filled.
  version_vector base;
  /// A range frame covers the keys from <= key < to; without a `to`, all that
  /// follow.
  std::string from;
  std::optional<std::string> to;
  /// By key, ascending, each once.
  std::vector<frame_item> items;

  bool operator==(const frame&) const = default;
};

} // namespace hetzel::cluster
