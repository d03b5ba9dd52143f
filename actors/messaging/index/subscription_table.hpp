#pragma once

#include "actors/messaging/index/match_set.hpp"
#include "actors/messaging/index/reader_lock.hpp"
#include "actors/messaging/index/subscription_index.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace hetzel::messaging {

/// Number of a shard of the table: 0 … shard_count() - 1.
using shard_index = std::uint32_t;

struct subscription_table_options {
  /// Reactors, whose indices are readers 0 … reactors - 1.
  std::size_t reactors = 1;
  /// Other threads that may read at the same time (admin, tests).
  std::size_t other_readers_max = 8;
  /// Shards by first level, 1 … 4096; one more holds the filters whose first
  /// level is a wildcard.
  std::size_t shards = 16;
  /// Random per process; see subscription_index_options.
  std::uint64_t hash_seed = 0;
};

/// Versions of the two shards that a topic's match came from.
struct match_version {
  std::uint64_t first_level = 0;
  std::uint64_t wildcard = 0;

  bool operator==(const match_version&) const = default;
};

struct subscription_table_statistics {
  std::size_t subscriptions = 0;
  std::size_t share_groups = 0;
  std::size_t memory_bytes = 0;
};

/// All subscriptions of this node: shards, each written by its own actor and
/// read in place by every reactor. Safe from any thread under the rules of
/// each member.
class subscription_table {
public:
  explicit subscription_table(const subscription_table_options& options);
  ~subscription_table();

  /// The one of wildcards included.
  [[nodiscard]] std::size_t shard_count() const noexcept;

  /// Where a filter is kept (its share group makes no difference).
  [[nodiscard]] shard_index
  shard_of(mqtt::bytes_view mountpoint,
           const mqtt::parsed_filter& filter) const noexcept;

  // -- writing ---------------------------------------------------------------

  /// Calls `change(subscription_index&)` with the readers shut out, and makes
  /// the shard's version a new one. Readers wait meanwhile: keep a batch to
  /// some 64 changes (about 50 µs).
  template <class Change>
  decltype(auto) write(shard_index shard, Change&& change) {
    write_guard guard{*this, shard};
    return std::forward<Change>(change)(guard.index());
  }

  /// An empty index that fits into this table, to be filled by the caller
  /// without a lock.
  [[nodiscard]] subscription_index make_index() const;

  /// Makes `rebuilt` that shard's index. The old one is destroyed after the
  /// readers were let in again.
  void replace(shard_index shard, subscription_index rebuilt);

  // -- reading ---------------------------------------------------------------

  /// An index for a thread that is no reactor, to be given back; nullopt when
  /// all are taken.
  [[nodiscard]] std::optional<reader_index> add_reader();
  void remove_reader(reader_index reader);

  /// Fills `out` with who gets a message of that topic, reusing its memory, and
  /// returns the versions that it holds for. `reader` is the calling thread's.
  match_version match(reader_index reader, mqtt::bytes_view mountpoint,
                      mqtt::bytes_view topic_name, match_set& out);

  /// The shard that a topic's non-wildcard first level leads to.
  [[nodiscard]] shard_index
  shard_of_topic(mqtt::bytes_view mountpoint,
                 mqtt::bytes_view topic_name) const noexcept;

  /// The versions now of `shard` and of the wildcard shard: a match of the same
  /// versions is still right.
  [[nodiscard]] match_version version(shard_index shard) const noexcept;

  /// The group of that number with its members now; nullopt when it has none
  /// left.
  [[nodiscard]] std::optional<shared_target> find_group(reader_index reader,
                                                        mqtt::share_id id);

  /// Who a number, or a filter with its group, stands for; null when nobody is
  /// in that group any more. From any thread.
  [[nodiscard]] std::shared_ptr<const share_identity>
  share_group(mqtt::share_id id) const {
    return shares_->find(id);
  }
  [[nodiscard]] std::shared_ptr<const share_identity>
  share_group(mqtt::bytes_view mountpoint,
              const mqtt::parsed_filter& filter) const {
    return shares_->find(mountpoint, filter.share_group, filter.topic_filter);
  }

  /// Adds up all shards, one after the other.
  [[nodiscard]] subscription_table_statistics statistics(reader_index reader);

  [[nodiscard]] std::uint64_t hash_seed() const noexcept;

private:
  struct shard_state;
  struct reader_state;

  class write_guard {
  public:
    write_guard(subscription_table& table, shard_index position);
    ~write_guard();
    write_guard(const write_guard&) = delete;
    write_guard& operator=(const write_guard&) = delete;

    [[nodiscard]] subscription_index& index() noexcept;

  private:
    shard_state& shard_;
  };

  subscription_table_options options_;
  std::shared_ptr<share_registry> shares_;
  std::shared_ptr<chunk_arena> arena_;
  std::vector<std::unique_ptr<shard_state>> shards_;
  std::vector<std::unique_ptr<reader_state>> readers_;
  std::mutex free_readers_mutex_;
  std::vector<reader_index> free_readers_;
};

} // namespace hetzel::messaging
