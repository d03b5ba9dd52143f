#include "actors/net/tls/ticket_keys.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace ticket_keys_test {

using namespace std::chrono_literals;
using hetzel::net::ticket_keys;

namespace {

const auto start = ticket_keys::clock::time_point{} + 24h;

} // namespace

TEST_CASE("a key seals for half a lifetime, then the next one does") {
  ticket_keys keys{2h};
  const auto first = keys.current(start);
  REQUIRE(first);
  CHECK(keys.current(start + 59min)->name == first->name);
  CHECK(keys.current(start + 61min)->name != first->name);
}

TEST_CASE("a ticket is good for a lifetime, whatever seals by then") {
  ticket_keys keys{2h};
  const auto first = keys.current(start);
  const auto found = keys.find(first->name.data(), start + 30min);
  REQUIRE(found);
  CHECK(found->is_current);
  CHECK(found->sealed_with.cipher == first->cipher);
  static_cast<void>(keys.current(start + 61min));
  // Sealed at the last moment of its key.
  const auto late = keys.find(first->name.data(), start + 1h + 119min);
  REQUIRE(late);
  CHECK_FALSE(late->is_current);
  CHECK_FALSE(keys.find(first->name.data(), start + 3h + 1min));
}

TEST_CASE("what was forgotten opens nothing any more") {
  ticket_keys keys{2h};
  const auto first = keys.current(start);
  keys.forget();
  CHECK_FALSE(keys.find(first->name.data(), start));
  CHECK(keys.current(start)->name != first->name);
}

} // namespace ticket_keys_test
