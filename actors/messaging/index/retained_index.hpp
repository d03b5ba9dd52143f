#pragma once

#include "actors/messaging/index/chunk_arena.hpp"
#include "protocol/basic_types.hpp"
#include "protocol/message.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hetzel::messaging {

struct retained_index_options {
  /// Messages held; zero: no limit.
  std::size_t count_max = 0;
  /// Sum of message::size(); zero: no limit.
  std::size_t bytes_max = 0;
  /// Secret of the hash functions; random per process.
  std::uint64_t hash_seed = 0;
  /// Where nodes live; shards that share one take less. Null: one of its own.
  std::shared_ptr<chunk_arena> arena = nullptr;
};

enum class retain_verdict : std::uint8_t {
  stored,         ///< the topic had none
  replaced,       ///< the topic has this one now
  erased,         ///< the payload was empty: the topic has none any more
  absent,         ///< the payload was empty and the topic had none
  rejected_count, ///< `count_max` is reached
  rejected_bytes, ///< `bytes_max` would be exceeded; the old one stays
};

/// How much one call may do.
struct walk_budget {
  /// Messages returned.
  std::size_t messages = 100;
  /// Topic levels looked at, whether they match or not (about 0.1 µs each).
  std::size_t steps = 10'000;
};

class retained_index;

/// A walk through the retained messages that match a filter, in chunks: the
/// index may change between two calls of `retained_index::match`. A message
/// that is there all the time is returned once; one that is set or erased
/// meanwhile may be returned or not.
///
/// Must not outlive the index it was used with. Movable.
class retained_cursor {
public:
  /// Copies both. `topic_filter` is valid and without `$share`.
  retained_cursor(mqtt::bytes_view mountpoint, mqtt::bytes_view topic_filter);
  ~retained_cursor();
  retained_cursor(retained_cursor&& other) noexcept;
  retained_cursor& operator=(retained_cursor&& other) noexcept;

  /// There is nothing more to return.
  [[nodiscard]] bool is_done() const noexcept { return state_ == state::done; }

private:
  friend class retained_index;
  friend class retained_walk;

  enum class state : std::uint8_t { fresh, under_way, done };

  void release() noexcept;

  std::string mountpoint_;
  std::string filter_;
  /// Where each level of `filter_` starts, then its size + 1.
  std::vector<std::uint32_t> levels_;
  retained_index* index_ = nullptr;
  /// The node looked at last; the index keeps it while we stand on it.
  std::uint32_t node_ = 0;
  std::uint32_t depth_ = 0;
  state state_ = state::fresh;
};

/// One shard's retained messages, one per mountpoint and topic name.
/// Not synchronised; belongs to one actor.
class retained_index {
public:
  explicit retained_index(const retained_index_options& options = {});
  ~retained_index();
  retained_index(const retained_index&) = delete;
  retained_index& operator=(const retained_index&) = delete;

  /// Keeps `retained` for its topic, or erases when its payload is empty
  /// [MQTT-3.3.1-6].
  retain_verdict set(mqtt::message_ptr retained);

  /// False when there was none.
  bool erase(mqtt::bytes_view mountpoint, mqtt::bytes_view topic_name);

  /// Null when there is none. One that has expired is still returned.
  [[nodiscard]] mqtt::message_ptr get(mqtt::bytes_view mountpoint,
                                      mqtt::bytes_view topic_name) const;

  /// Appends to `out` the next messages that match the cursor's filter and have
  /// not expired at `now`.
  void match(retained_cursor& cursor, mqtt::time_point now, walk_budget budget,
             std::vector<mqtt::message_ptr>& out);

  /// Looks at the next `budget` nodes, round and round; erases the messages
  /// that expired at `now` and appends them to `out`. Returns how many. Costs
  /// nothing when no message has an expiry.
  std::size_t sweep(mqtt::time_point now, std::size_t budget,
                    std::vector<mqtt::message_ptr>& out);

  /// Takes effect for what comes; what is there stays.
  void set_limits(std::size_t count_max, std::size_t bytes_max) noexcept;

  [[nodiscard]] std::size_t size() const noexcept;

  /// Sum of message::size().
  [[nodiscard]] std::size_t message_bytes() const noexcept;

  /// Memory beside the messages.
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

  /// Tree nodes in use: zero when empty and no cursor is under way.
  [[nodiscard]] std::size_t node_count() const noexcept;

private:
  friend class retained_cursor;
  friend class retained_walk;
  struct implementation;

  std::unique_ptr<implementation> impl_;
};

} // namespace hetzel::messaging
