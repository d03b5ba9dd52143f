#include "protocol/block_pool.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

namespace block_pool_test {

using namespace hetzel::mqtt;

TEST_CASE("a block holds the bytes that were asked for, of every size") {
  for (std::size_t size = 1; size <= 2 * pooled_block_max_bytes; ++size) {
    auto* block = take_block(size);
    CHECK_MESSAGE(reinterpret_cast<std::uintptr_t>(block) % 16 == 0, size);
    std::memset(block, 0xAB, size); // ASan watches the end
    give_block(block, size);
    CHECK_MESSAGE(block_size(size) >= size, size);
  }
}

TEST_CASE("two blocks in use are never the same") {
  std::vector<void*> blocks;
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < 1000; ++i)
      blocks.push_back(take_block(100 + i % 50));
    CHECK(std::set<void*>(blocks.begin(), blocks.end()).size() == 1000);
    for (std::size_t i = 0; i < 1000; ++i)
      give_block(blocks[i], 100 + i % 50);
    blocks.clear();
  }
}

TEST_CASE("a thread that only gives back ends without a leak") {
  std::vector<void*> blocks;
  for (int i = 0; i < 10'000; ++i)
    blocks.push_back(take_block(128));
  std::thread{[&] {
    for (auto* block : blocks)
      give_block(block, 128);
  }}.join();
}

} // namespace block_pool_test
