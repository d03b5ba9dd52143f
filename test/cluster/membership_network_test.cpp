#include "test/cluster/membership_network.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

namespace membership_network_test {

using namespace hetzel::test;

namespace {

/// More with HETZEL_SEEDS in the environment.
std::uint64_t seeds(std::uint64_t usual) {
  auto* text = std::getenv("HETZEL_SEEDS");
  return text == nullptr ? usual : std::stoull(text);
}

} // namespace

TEST_CASE("whatever is lost, reordered, cut, crashed, joined, left and removed:"
          " in the end all members agree on one map, removals stay, and only a "
          "store says what it is") {
  std::size_t members = 0;
  for (std::uint64_t seed = 1; seed <= seeds(300); ++seed) {
    membership_network network{seed, seed % 5 + 3};
    for (int i = 0; i < 1500; ++i)
      network.step();
    network.settle();
    network.check_agreement();
    members += network.members();
  }
  // Not by all being gone.
  CHECK(members >= seeds(300) * 2);
}

TEST_CASE("nodes that start all at once, with seeds in any shape, become one "
          "cluster") {
  for (std::uint64_t seed = 1; seed <= seeds(50); ++seed) {
    membership_network network{seed, 7};
    network.settle();
    network.check_agreement();
    CHECK_MESSAGE(network.members() == 7, seed);
  }
}

} // namespace membership_network_test
