#pragma once

#include "actors/runtime/reactor_pool.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <cstddef>

namespace hetzel::test {

/// An actor system with running reactors that ends cleanly: what a test
/// spawned is ended by the test, the rest is order.
struct runtime_fixture {
  explicit runtime_fixture(std::size_t reactors = 1);
  ~runtime_fixture();

  caf::actor_system_config config;
  caf::actor_system system;
  runtime::reactor_pool pool;
};

} // namespace hetzel::test
