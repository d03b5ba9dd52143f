#include "protocol/property.hpp"

#include "protocol/assert.hpp"
#include "protocol/property_set.hpp"
#include "protocol/property_writer.hpp"
#include "test/support/hex.hpp"
#include "test/support/packet_text.hpp"

#include <doctest/doctest.h>

namespace property_test {

using namespace hetzel;
using namespace hetzel::mqtt;
using id = property_id;
using test::hex;
using test::to_hex;
using test::to_text;

TEST_CASE("properties are coded by their type (MQTT 5, 2.2.2.2)") {
  std::string out;
  property_writer to(out);
  to.integer(id::payload_format_indicator, 1)
    .integer(id::receive_maximum, 0x1234)
    .integer(id::session_expiry_interval, 0x0102'0304)
    .integer(id::subscription_identifier, 16'384)
    .value(id::content_type, "text")
    .value(id::correlation_data, {"\0\1", 2})
    .user_property("k", "v");
  CHECK(to_hex(out)
        == "01 01 21 12 34 11 01 02 03 04 0B 80 80 01 03 00 04 74 65 78 74 "
           "09 00 02 00 01 26 00 01 6B 00 01 76");
}

TEST_CASE("a view finds the first property of a kind") {
  auto coded = hex("26 0001'a' 0001'1' 02 0000003C 26 0001'a' 0001'2' "
                   "0B 01 0B 02 03 0001't'");
  property_view view(coded);
  CHECK(view.integer(id::message_expiry_interval) == 60U);
  CHECK(view.integer(id::subscription_identifier) == 1U);
  CHECK(view.value(id::content_type) == "t");
  CHECK(view.find(id::user_property)->value == "1");
  CHECK(!view.find(id::response_topic).has_value());
  CHECK(!view.integer(id::topic_alias).has_value());
  CHECK(!view.value(id::reason_string).has_value());
}

TEST_CASE("user properties keep their order and their repetitions "
          "[MQTT-3.3.2-18]") {
  auto coded = hex("26 0001'b' 0001'1' 26 0001'a' 0000 26 0001'b' 0001'1'");
  CHECK(to_text(property_view(coded)) == "[38:0'b''1' 38:0'a''' 38:0'b''1']");
}

TEST_CASE("an empty view has no properties") {
  property_view none;
  CHECK(none.empty());
  CHECK(!none.find(id::user_property).has_value());
  none.for_each([](const property&) { FAIL("there is none"); });
}

TEST_CASE("a view of bytes that nobody validated stays inside them") {
  for (auto* bad :
       {"7F 00 00", "02 00", "03 0009'x'", "0B FFFFFFFF", "26 0001", "00"}) {
    auto coded = hex(bad);
    auto visited = 0;
    property_view(coded).for_each([&](const property&) { ++visited; });
    CHECK(visited == 1);
  }
}

TEST_CASE("copying leaves out what the next hop must not see "
          "[MQTT-3.3.2-7]") {
  auto coded = hex("23 0007 03 0001't' 02 0000003C 26 0001'k' 0001'v' 01 01 "
                   "0B 8001 21 0005");
  std::string all;
  std::string some;
  std::string one_by_one;
  property_view view(coded);
  property_writer(all).copy(view);
  property_writer(some).copy(
    view, {id::topic_alias, id::content_type, id::message_expiry_interval});
  view.for_each(
    [&](const property& item) { property_writer(one_by_one).copy(item); });
  CHECK(all == coded);
  CHECK(one_by_one == coded);
  CHECK(some == hex("26 0001'k' 0001'v' 01 01 0B 8001 21 0005"));
}

TEST_CASE("a writer asserts what it cannot code") {
  std::string out;
  property_writer to(out);
  std::string long_text(65'536, 'x');
  CHECK_THROWS_AS(to.integer(id::receive_maximum, 65'536), assertion_failed);
  CHECK_THROWS_AS(to.integer(id::content_type, 1), assertion_failed);
  CHECK_THROWS_AS(to.value(id::receive_maximum, "x"), assertion_failed);
  CHECK_THROWS_AS(to.value(id::user_property, "x"), assertion_failed);
  CHECK_THROWS_AS(to.value(id::content_type, long_text), assertion_failed);
  CHECK_THROWS_AS(to.user_property("k", long_text), assertion_failed);
  CHECK_THROWS_AS(to.integer(static_cast<id>(0x7F), 0), assertion_failed);
  CHECK(out.empty());
}

TEST_CASE("a property set knows what was put into it") {
  property_set set{id::topic_alias, id::payload_format_indicator};
  CHECK(set.contains(id::topic_alias));
  CHECK(!set.contains(id::topic_alias_maximum));
  CHECK(set.intersects({id::user_property, id::topic_alias}));
  CHECK(!set.intersects({id::user_property}));
  set.insert(id::shared_subscription_available);
  CHECK(set.contains(id::shared_subscription_available));
  CHECK(property_set().empty());
}

} // namespace property_test
