#include "actors/node/bound_listener.hpp"

#include <doctest/doctest.h>

namespace bound_listener_test {

using namespace hetzel::node;

TEST_CASE("listeners are told with their ports, IPv6 in brackets") {
  CHECK(to_string({}).empty());
  CHECK(to_string({{"tcp.a", "127.0.0.1", 1883}, {"tcp.b", "::1", 1884}})
        == "tcp.a=127.0.0.1:1883,tcp.b=[::1]:1884");
}

} // namespace bound_listener_test
