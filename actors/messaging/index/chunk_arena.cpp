#include "actors/messaging/index/chunk_arena.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace hetzel::messaging {

void* chunk_arena::take() {
  std::lock_guard guard{mutex_};
  if (free_.empty())
    add_region();
  auto* chunk = free_.back();
  free_.pop_back();
  return chunk;
}

void chunk_arena::give_back(void* chunk) noexcept {
  std::lock_guard guard{mutex_};
  free_.push_back(chunk); // within the capacity that add_region reserved
}

std::size_t chunk_arena::memory_bytes() const {
  std::lock_guard guard{mutex_};
  return memory_bytes_;
}

void chunk_arena::region_deleter::operator()(std::byte* region) const noexcept {
  std::free(region);
}

void chunk_arena::add_region() {
  const auto size = std::clamp(memory_bytes_, chunk_bytes, region_bytes_max);
  auto* region = static_cast<std::byte*>(std::aligned_alloc(size, size));
  if (!region)
    throw std::bad_alloc{};
  regions_.emplace_back(region);
  // Advice only: without huge pages all works the same, slower.
  if (size == region_bytes_max)
    ::madvise(region, size, MADV_HUGEPAGE);
  memory_bytes_ += size;
  free_.reserve(memory_bytes_ / chunk_bytes);
  for (auto offset = size; offset > 0; offset -= chunk_bytes)
    free_.push_back(region + (offset - chunk_bytes));
}

} // namespace hetzel::messaging
