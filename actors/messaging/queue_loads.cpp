#include "actors/messaging/queue_loads.hpp"

#include "protocol/assert.hpp"

#include <algorithm>
#include <limits>

namespace hetzel::messaging {

namespace {

constexpr std::uint64_t online_bit = std::uint64_t{1} << 32;
constexpr std::uint64_t stored_bit = std::uint64_t{1} << 33;
constexpr unsigned generation_shift = 40;

} // namespace

queue_loads::~queue_loads() {
  for (auto& place : chunks_)
    delete place.load(std::memory_order_relaxed);
}

void queue_loads::set(queue_id queue, member_load load) {
  HETZEL_ASSERT(queue.slot() < slots_max);
  auto& place = chunks_[queue.slot() / chunk_slots];
  auto* slots = place.load(std::memory_order_relaxed);
  if (!slots) {
    slots = new chunk{};
    place.store(slots, std::memory_order_release);
  }
  constexpr std::size_t depth_max = std::numeric_limits<std::uint32_t>::max();
  const auto value = std::uint64_t{queue.generation()} << generation_shift
                     | (load.is_stored ? stored_bit : 0)
                     | (load.is_online ? online_bit : 0)
                     | std::min(load.depth, depth_max);
  auto& slot = (*slots)[queue.slot() % chunk_slots];
  const auto before = slot.load(std::memory_order_relaxed);
  slot.store(value, std::memory_order_relaxed);
  const bool was_stored = (before & stored_bit) != 0;
  if (was_stored != load.is_stored)
    stored_count_.fetch_add(load.is_stored ? 1 : std::size_t(-1),
                            std::memory_order_relaxed);
}

member_load queue_loads::get(queue_id queue) const noexcept {
  const auto position = queue.slot() / chunk_slots;
  if (position >= chunks_max)
    return {};
  const auto* slots = chunks_[position].load(std::memory_order_acquire);
  if (!slots)
    return {};
  const auto value
    = (*slots)[queue.slot() % chunk_slots].load(std::memory_order_relaxed);
  if (value >> generation_shift != queue.generation())
    return {};
  return {(value & online_bit) != 0, static_cast<std::uint32_t>(value),
          (value & stored_bit) != 0};
}

} // namespace hetzel::messaging
