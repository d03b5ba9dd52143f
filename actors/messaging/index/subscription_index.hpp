#pragma once

#include "actors/messaging/index/chunk_arena.hpp"
#include "actors/messaging/index/share_group.hpp"
#include "actors/messaging/index/subscription.hpp"
#include "protocol/basic_types.hpp"
#include "protocol/topic.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace hetzel::messaging {

class match_builder;
struct subscription_parts;

struct subscription_index_options {
  /// Secret of the hash functions, so that peers cannot choose topics that
  /// collide. Random per process; the same for all shards of a table.
  std::uint64_t hash_seed = 0;
  /// Numbers the share groups; null: a registry of its own.
  std::shared_ptr<share_registry> shares;
  /// Where nodes live; shards that share one take less. Null: one of its own.
  std::shared_ptr<chunk_arena> arena;
};

enum class insert_outcome : std::uint8_t {
  inserted,
  /// The queue had that filter already (in that share group); options and
  /// identifier are now the new ones [MQTT-3.8.4-3].
  replaced,
};

/// One shard's subscriptions. Filters without wildcard are found by one hash
/// look-up of the whole topic name, the others by a walk of a tree of levels.
///
/// Not synchronised: one writer, or any number of calls of `match`, at a time.
/// Mountpoints are apart from each other. Copies what it keeps.
class subscription_index {
public:
  explicit subscription_index(subscription_index_options options = {});
  ~subscription_index();
  subscription_index(subscription_index&& other) noexcept;
  subscription_index& operator=(subscription_index&& other) noexcept;

  /// Precondition: `added.queue` is not zero; the filter is valid.
  insert_outcome insert(mqtt::bytes_view mountpoint,
                        const mqtt::parsed_filter& filter,
                        const subscription& added);

  /// False when that queue had no such subscription. Frees what only it used.
  bool erase(mqtt::bytes_view mountpoint, const mqtt::parsed_filter& filter,
             queue_id queue);

  /// Adds to `out` all subscriptions that match. The time it takes grows with
  /// the levels of the name, the wildcard filters that match its beginning and
  /// the subscriptions found.
  void match(mqtt::bytes_view mountpoint, mqtt::bytes_view topic_name,
             match_builder& out) const;

  /// For subscription_search. Moves with the index's contents.
  [[nodiscard]] const subscription_parts& parts() const noexcept;

  /// The members of that group now; null when there are none.
  [[nodiscard]] std::shared_ptr<const share_members>
  members(mqtt::bytes_view mountpoint, const mqtt::parsed_filter& filter) const;

  /// Subscriptions, members of share groups included.
  [[nodiscard]] std::size_t size() const noexcept;

  [[nodiscard]] bool empty() const noexcept { return size() == 0; }

  /// Memory it occupies, allocator overhead estimated.
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

  /// Tree nodes and whole-name entries in use: zero when empty.
  [[nodiscard]] std::size_t node_count() const noexcept;

private:
  struct implementation;

  std::unique_ptr<implementation> impl_;
};

} // namespace hetzel::messaging
