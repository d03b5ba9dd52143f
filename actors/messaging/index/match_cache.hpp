#pragma once

#include "actors/messaging/index/subscription_table.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace hetzel::messaging {

struct match_cache_options {
  /// Topics remembered; rounded up to a power of two, at least 8.
  std::size_t entries_max = 4096;
  /// Memory of all remembered matches and names.
  std::size_t memory_bytes_max = std::size_t{64} << 20;
  /// Longer names are matched anew each time.
  std::size_t topic_size_max = 1024;
};

/// Counted since the start.
struct match_cache_counters {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0; ///< the topic was not there
  std::uint64_t stale = 0;  ///< it was, but a shard had changed since
  std::uint64_t evictions = 0;
};

/// One reactor's memory of whom its latest topics reach. An entry is right as
/// long as the two shards that it came from have the versions they had then; a
/// change anywhere in a shard makes all its topics match anew.
///
/// Belongs to one thread, which is `reader` of the table. The table must
/// outlive it.
class match_cache {
public:
  match_cache(subscription_table& table, reader_index reader,
              match_cache_options options = {});
  ~match_cache();

  /// Who gets a message of that topic now; never null. The reference is valid
  /// until the next call: copy the pointer to keep the match.
  [[nodiscard]] const std::shared_ptr<const match_set>&
  match(mqtt::bytes_view mountpoint, mqtt::bytes_view topic_name);

  void clear();

  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] std::size_t memory_bytes() const noexcept;
  [[nodiscard]] const match_cache_counters& counters() const noexcept;

private:
  struct implementation;

  std::unique_ptr<implementation> impl_;
};

} // namespace hetzel::messaging
