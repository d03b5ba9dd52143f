#pragma once

#include <atomic>
#include <chrono>
#include <compare>
#include <cstdint>

/// What the records of the message store are known by.

namespace hetzel::persistence {

/// A durable queue within its shard. Never given out a second time.
enum class queue_id : std::uint64_t { none = 0 };

/// A message within its queue: later messages have larger ones. A number may
/// come back after a restart if no message that was written had it.
enum class sequence : std::uint64_t { none = 0, last = UINT64_MAX };

/// A body within the node: the number of its shard in the top byte, then a
/// number that the shard never gives out again.
enum class body_id : std::uint64_t { none = 0 };

[[nodiscard]] constexpr std::uint64_t number(queue_id id) noexcept {
  return static_cast<std::uint64_t>(id);
}

[[nodiscard]] constexpr std::uint64_t number(sequence id) noexcept {
  return static_cast<std::uint64_t>(id);
}

[[nodiscard]] constexpr std::uint64_t number(body_id id) noexcept {
  return static_cast<std::uint64_t>(id);
}

/// Precondition: not the last one.
[[nodiscard]] constexpr sequence behind(sequence id) noexcept {
  return static_cast<sequence>(number(id) + 1);
}

/// Most shards that a node may have; a shard is a number below it.
inline constexpr unsigned shard_count_max = 256;

[[nodiscard]] constexpr unsigned shard_of(body_id id) noexcept {
  return static_cast<unsigned>(number(id) >> 56);
}

/// The number of a body within its shard.
[[nodiscard]] constexpr std::uint64_t ordinal(body_id id) noexcept {
  return number(id) & ((std::uint64_t{1} << 56) - 1);
}

[[nodiscard]] constexpr body_id make_body_id(unsigned shard,
                                             std::uint64_t ordinal) noexcept {
  return static_cast<body_id>(std::uint64_t{shard} << 56 | ordinal);
}

/// Gives out the bodies of a shard, from `message_store::first_id` on, to any
/// threads.
class body_id_source {
public:
  body_id_source(unsigned shard, std::uint64_t first) noexcept
    : next_(number(make_body_id(shard, first))) {}

  [[nodiscard]] body_id next() noexcept {
    return static_cast<body_id>(next_.fetch_add(1, std::memory_order_relaxed));
  }

private:
  std::atomic<std::uint64_t> next_;
};

/// Where an entry stands.
struct entry_key {
  queue_id queue = queue_id::none;
  sequence at = sequence::none;

  auto operator<=>(const entry_key&) const = default;
};

/// An instant on the system's clock, to the millisecond; not before 1970.
using deadline = std::chrono::sys_time<std::chrono::milliseconds>;

/// "Never": kept in no index.
inline constexpr deadline no_deadline = deadline::max();

} // namespace hetzel::persistence
