#pragma once

#include "cluster/swc/container.hpp"
#include "cluster/swc/node_clock.hpp"
#include "cluster/swc/storage_layout.hpp"
#include "cluster/swc/sync_message.hpp"
#include "persistence/reader.hpp"

#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace hetzel::cluster {

/// Everything of a shard but its records and its dot-key map, as it is on
/// disk. A few hundred bytes; read from a snapshot it belongs to the records
/// of that snapshot.
struct shard_image {
  node_clock clock;
  /// Dots up to here may be missing in the dot-key map. Never above the
  /// clock's base.
  version_vector floor;
  /// Dots up to here are missing in the dot-key map; at most the floor.
  version_vector swept;
  /// Counters of retired actors that nobody has; all of them are in the clock.
  void_set voids;
  /// For each member (but the own store) what it surely has on disk.
  watermark_rows rows;
  /// Retired actors of which no write frame is taken any more.
  std::set<actor_id> closed;

  /// Throws `store_failure`.
  [[nodiscard]] static shard_image load(const persistence::reader& store,
                                        shard_no shard);
};

/// The record of a key; an empty container for an absent one. Throws
/// `store_failure`.
[[nodiscard]] container load_record(const persistence::reader& store,
                                    shard_no shard, std::string_view key);

/// All records of a table of a shard from `from` on; keys still have their
/// two bytes of prefix.
[[nodiscard]] std::unique_ptr<persistence::cursor>
scan_table(const persistence::reader& store, storage_table table,
           shard_no shard, std::string_view from = {});

/// At the end of a walk: throws `store_failure` if it ended early.
void check(const persistence::cursor& walked);

/// Bytes of rows of the table of clocks.
[[nodiscard]] std::string encode_row(const dot_set& dots);
[[nodiscard]] std::string encode_row(const version_vector& vector);
[[nodiscard]] std::string encode_floor(const version_vector& floor,
                                       const version_vector& swept);

} // namespace hetzel::cluster
