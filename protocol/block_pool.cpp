#include "protocol/block_pool.hpp"

#include <array>
#include <bit>
#include <new>
#include <utility>

// Sanitizers watch single allocations; a pool would hide a use after free.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#  define HETZEL_POOL_BLOCKS 0
#elif defined(__has_feature)
#  if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#    define HETZEL_POOL_BLOCKS 0
#  endif
#endif
#ifndef HETZEL_POOL_BLOCKS
#  define HETZEL_POOL_BLOCKS 1
#endif

namespace hetzel::mqtt {

namespace {

constexpr bool pools_blocks = HETZEL_POOL_BLOCKS != 0;

constexpr std::size_t smallest_bytes = 64;

// Two classes per power of two: 64, 96, 128, 192, 256, …
constexpr std::size_t class_index(std::size_t size) noexcept {
  if (size <= smallest_bytes)
    return 0;
  auto width = static_cast<std::size_t>(std::bit_width(size - 1));
  auto is_upper_half = ((size - 1) >> (width - 2)) & 1;
  return 2 * (width - 7) + 1 + is_upper_half;
}

constexpr std::size_t class_bytes(std::size_t index) noexcept {
  auto base = smallest_bytes << (index / 2);
  return index % 2 == 0 ? base : base + base / 2;
}

constexpr std::size_t class_count = class_index(pooled_block_max_bytes) + 1;

static_assert(class_bytes(class_index(64)) == 64);
static_assert(class_bytes(class_index(65)) == 96);
static_assert(class_bytes(class_index(97)) == 128);
static_assert(class_bytes(class_index(129)) == 192);
static_assert(class_bytes(class_count - 1) == pooled_block_max_bytes);

struct free_block {
  free_block* next;
};

struct free_list {
  free_block* head = nullptr;
  std::size_t count = 0;
};

enum class pool_status : unsigned char { fresh, open, closed };

struct block_pool {
  std::array<free_list, class_count> lists;
  pool_status status = pool_status::fresh;
};

// Trivially destructible on purpose: reached without a guard, and still there
// when other thread-local objects give back blocks at the end of a thread.
thread_local constinit block_pool pool{};

struct pool_closer {
  ~pool_closer() {
    pool.status = pool_status::closed;
    for (auto& list : pool.lists) {
      while (list.head != nullptr)
        ::operator delete(std::exchange(list.head, list.head->next));
      list.count = 0;
    }
  }
};

// The first block that a thread keeps also sees to it that the thread's end
// frees what is kept then.
[[gnu::noinline]] bool open_pool() noexcept {
  if (pool.status == pool_status::closed)
    return false;
  static thread_local pool_closer at_exit;
  static_cast<void>(&at_exit);
  pool.status = pool_status::open;
  return true;
}

} // namespace

void* take_block(std::size_t size) {
  if (!pools_blocks || size > pooled_block_max_bytes)
    return ::operator new(size);
  auto index = class_index(size);
  auto& list = pool.lists[index];
  if (list.head == nullptr)
    return ::operator new(class_bytes(index));
  --list.count;
  return std::exchange(list.head, list.head->next);
}

void give_block(void* block, std::size_t size) noexcept {
  if (!pools_blocks || size > pooled_block_max_bytes) {
    ::operator delete(block);
    return;
  }
  auto index = class_index(size);
  auto& list = pool.lists[index];
  auto is_full = list.count * class_bytes(index) >= pooled_class_max_bytes;
  if (is_full || (pool.status != pool_status::open && !open_pool())) {
    ::operator delete(block);
    return;
  }
  list.head = ::new (block) free_block{list.head};
  ++list.count;
}

std::size_t block_size(std::size_t size) noexcept {
  if (!pools_blocks || size > pooled_block_max_bytes)
    return size;
  return class_bytes(class_index(size));
}

} // namespace hetzel::mqtt
