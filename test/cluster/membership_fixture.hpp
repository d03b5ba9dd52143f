#pragma once

#include "cluster/membership/cluster_state.hpp"
#include "cluster/membership/steady_time.hpp"

#include <chrono>
#include <cstdint>
#include <random>
#include <string>

/// Members and states for tests, and numbers that look random.

namespace hetzel::test {

inline cluster::steady_time at_ms(std::int64_t ms) {
  return cluster::steady_time{std::chrono::milliseconds{ms}};
}

/// "n<number>". Not by `+`: of that the compiler warns without a reason.
inline std::string name_of_node(std::uint64_t number) {
  auto name = std::to_string(number);
  name.insert(name.begin(), 'n');
  return name;
}

inline cluster::member_facts some_facts(std::string name,
                                        std::uint32_t opened = 1) {
  cluster::member_facts facts;
  facts.opened = cluster::generation{opened};
  facts.revision = 1;
  facts.addresses.control = {name + ".example", 44053};
  facts.name = std::move(name);
  facts.actor = cluster::actor_id{opened};
  return facts;
}

inline cluster::member
some_member(std::uint64_t store,
            cluster::member_state state = cluster::member_state::up,
            std::uint32_t opened = 1) {
  auto facts = some_facts(name_of_node(store), opened);
  facts.actor = cluster::actor_id{1000 * store + opened};
  return {cluster::store_id{store}, state, facts};
}

/// Stores 1 to `count`, all up.
inline cluster::member_map some_members(std::uint64_t count) {
  cluster::member_map members;
  for (std::uint64_t store = 1; store <= count; ++store)
    members.merge(some_member(store));
  return members;
}

inline cluster::cluster_state some_state(std::uint64_t count) {
  cluster::cluster_state state;
  state.params = {{7, 9}, 16, 256, 12345};
  state.members = some_members(count);
  return state;
}

/// What one process or another may say of one of a few stores.
inline cluster::member random_member(std::mt19937_64& random) {
  auto store = random() % 4 + 1;
  auto one = some_member(store, cluster::member_state{
                                  static_cast<std::uint8_t>(random() % 4)},
                         static_cast<std::uint32_t>(random() % 3 + 1));
  one.facts.revision = static_cast<std::uint32_t>(random() % 3 + 1);
  // Now and then two lives of one store that differ in nothing but this.
  if (random() % 4 == 0)
    one.facts.zone = std::string(1, static_cast<char>('a' + random() % 3));
  return one;
}

inline cluster::cluster_state random_state(std::mt19937_64& random) {
  auto state = some_state(0);
  for (auto n = random() % 6; n != 0; --n)
    state.members.merge(random_member(random));
  for (auto n = random() % 3; n != 0; --n) {
    cluster::void_column column;
    for (auto runs = random() % 3; runs != 0; --runs) {
      auto first = random() % 30 + 1;
      column.voids.add({first, first + random() % 5});
    }
    column.level = random() % 3;
    state.voids.add(
      cluster::shard_no{static_cast<std::uint8_t>(random() % 2)},
      cluster::actor_id{random() % 3 + 1}, column);
  }
  return state;
}

} // namespace hetzel::test
