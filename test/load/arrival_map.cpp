#include "test/load/arrival_map.hpp"

#include <bit>

namespace hetzel::test::load {

arrival_map::~arrival_map() {
  for (auto& entry : *pages_)
    delete entry.load();
}

bool arrival_map::mark(std::uint32_t sequence) {
  if (sequence > sequence_max)
    return false;
  const auto place = sequence & ((1U << page_bits) - 1);
  const auto bit = std::uint64_t{1} << (place % 64);
  auto& word = page_of(sequence)[place / 64];
  return (word.fetch_or(bit, std::memory_order_relaxed) & bit) == 0;
}

std::uint64_t arrival_map::missing(std::uint32_t sent) const noexcept {
  std::uint64_t marked = 0;
  for (std::uint32_t first = 0; first < sent; first += 64) {
    const auto* const found = (*pages_)[first >> page_bits].load();
    if (!found)
      continue;
    auto word = (*found)[(first & ((1U << page_bits) - 1)) / 64].load();
    if (sent - first < 64)
      word &= (std::uint64_t{1} << (sent - first)) - 1;
    marked += static_cast<std::uint64_t>(std::popcount(word));
  }
  return sent - marked;
}

arrival_map::page& arrival_map::page_of(std::uint32_t sequence) {
  auto& entry = (*pages_)[sequence >> page_bits];
  if (auto* const there = entry.load(std::memory_order_acquire))
    return *there;
  auto fresh = std::make_unique<page>();
  page* expected = nullptr;
  if (entry.compare_exchange_strong(expected, fresh.get()))
    return *fresh.release();
  return *expected;
}

} // namespace hetzel::test::load
