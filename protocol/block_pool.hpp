#pragma once

#include <cstddef>

/// Memory for what lives as long as a message does: taken and given back a
/// million times a second, in batches, mostly on one thread. Each thread keeps
/// free blocks by size class. Against the allocator of glibc, whose cache of
/// seven blocks per size a read batch outruns, a pair of calls costs 8 ns
/// instead of 20 to 50 (128 bytes) or 40 to 800 (1,280 bytes).
///
/// A block may be given back on another thread than it was taken on. Every
/// class is bounded, so that a thread which only gives back keeps little.

namespace hetzel::mqtt {

/// Blocks above this size are not kept.
inline constexpr std::size_t pooled_block_max_bytes = 16 * 1024;

/// Bytes of free blocks that one thread keeps per size class.
inline constexpr std::size_t pooled_class_max_bytes = 256 * 1024;

/// Uninitialised memory of at least `size` bytes, aligned for any type.
/// Throws `std::bad_alloc`.
[[nodiscard]] void* take_block(std::size_t size);

/// Gives back what `take_block(size)` returned, with the same `size`.
void give_block(void* block, std::size_t size) noexcept;

/// How many bytes `take_block(size)` really occupies.
[[nodiscard]] std::size_t block_size(std::size_t size) noexcept;

} // namespace hetzel::mqtt
