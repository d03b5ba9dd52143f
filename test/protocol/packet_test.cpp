#include "protocol/packet.hpp"

#include <doctest/doctest.h>

namespace packet_test {

using namespace hetzel::mqtt;

TEST_CASE("packet types have names") {
  CHECK(to_string(packet_type::connect) == "connect");
  CHECK(to_string(packet_type::unsuback) == "unsuback");
  CHECK(to_string(packet_type::auth) == "auth");
  CHECK(to_string(packet_type{0}) == "reserved");
}

TEST_CASE("a decoded PUBLISH is copied as plain bytes") {
  static_assert(std::is_trivially_copyable_v<publish>);
  static_assert(std::is_trivially_copyable_v<publish_reply>);
  static_assert(std::is_trivially_copyable_v<connect>);
}

} // namespace packet_test
