#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hetzel::persistence {

/// How a store on disk is run. None of it is written into the store; each may
/// differ from one start to the next.
struct store_options {
  /// Make the directory and a new store where there is none.
  bool create_if_missing = true;

  /// Recent records kept in memory before they become a table; up to twice as
  /// much is held, and read again at a start after a crash. 64 KiB to 1 GiB.
  std::size_t write_buffer_bytes = std::size_t{32} << 20;

  /// Blocks of tables kept in memory, uncompressed.
  std::size_t block_cache_bytes = std::size_t{64} << 20;

  /// Memory and disk spent per key so that looking for an absent one costs no
  /// disk read in most cases; 10 lets 1 % through. nullopt: none. 1 to 30.
  std::optional<int> bloom_bits_per_key = 10;

  /// Tables held open at once, of 2 MiB each. 74 to 50,000.
  int max_open_files = 1000;

  /// Snappy, per block.
  bool compression = true;
};

/// What was met when a store was opened. Nothing of it needs a hand; a log
/// line for `torn_bytes` is in order.
struct open_report {
  /// There was no store before.
  bool created = false;
  /// It had been closed in order.
  bool clean = false;
  /// The machine was started anew since it was last open, and it had not been
  /// closed: unsynced batches may be gone.
  bool power_lost = false;
  /// Bytes at the ends of logs that never became a whole batch. They were not
  /// acknowledged, unless unsynced before a power loss.
  std::uint64_t torn_bytes = 0;
};

/// Counted since the store was opened, except where it says now.
struct store_statistics {
  std::uint64_t batches = 0;
  std::uint64_t operations = 0;
  std::uint64_t batch_bytes = 0;
  std::uint64_t syncs = 0;
  std::uint64_t failed_writes = 0;
  std::uint64_t gets = 0;
  std::uint64_t scans = 0;
  /// Reads that found a damaged record or block.
  std::uint64_t corrupt_reads = 0;
  /// Times that the engine was opened anew after a failed write.
  std::uint64_t recoveries = 0;
  /// Now: snapshots and cursors that are held.
  std::uint64_t readers = 0;
  /// Now: memory of the engine (write buffers, cached blocks).
  std::uint64_t memory_bytes = 0;
  /// Now: size of all files of the store.
  std::uint64_t disk_bytes = 0;
  /// Now: number of tables per level, the newest level first.
  std::vector<std::uint64_t> tables;
  /// The engine's own table of compactions, for a person.
  std::string engine;
};

} // namespace hetzel::persistence
