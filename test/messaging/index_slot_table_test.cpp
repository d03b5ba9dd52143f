#include "actors/messaging/index/slot_table.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>

namespace index_slot_table_test {

using namespace hetzel::messaging;

namespace {

bool has(const slot_table& table, std::uint32_t hash, node_id id) {
  return table.find(hash, [id](node_id each) { return each == id; }) == id;
}

} // namespace

TEST_CASE("nodes are found by hash through growing, colliding and erasing") {
  for (const std::uint32_t spread : {4U, 64U, 0xFFFF'FFFFU}) {
    std::mt19937 random{spread};
    // Few hashes at both ends of the range collide and wrap around.
    const auto any_hash = [&] {
      const auto hash = static_cast<std::uint32_t>(random() % spread);
      return random() % 2 == 0 ? hash : ~hash;
    };
    slot_table table;
    std::map<node_id, std::uint32_t> held;
    for (node_id id = 1; id <= 5000; ++id) {
      const auto hash = any_hash();
      table.insert(hash, id);
      held[id] = hash;
      if (random() % 2 == 0) {
        auto gone = held.lower_bound(static_cast<node_id>(random() % id));
        table.erase(gone->second, gone->first);
        CHECK_FALSE(has(table, gone->second, gone->first));
        held.erase(gone);
      }
    }
    CHECK(table.size() == held.size());
    for (const auto& [id, hash] : held)
      CHECK(has(table, hash, id));
  }
}

TEST_CASE("a table that was emptied is small again") {
  slot_table table;
  for (node_id id = 1; id <= 100'000; ++id)
    table.insert(id * 2'654'435'769U, id);
  const auto full = table.memory_bytes();
  for (node_id id = 1; id <= 100'000; ++id)
    table.erase(id * 2'654'435'769U, id);
  CHECK(table.size() == 0);
  CHECK(table.memory_bytes() < full / 1000);
}

TEST_CASE("an empty table finds nothing") {
  CHECK(slot_table{}.candidate(7) == 0);
}

} // namespace index_slot_table_test
