#include "actors/messaging/will.hpp"

#include "protocol/property_writer.hpp"

#include <doctest/doctest.h>

namespace will_test {

using namespace hetzel;
using namespace std::chrono_literals;
using messaging::will;

namespace {

constexpr mqtt::time_point now{1000h};

/// A CONNECT whose buffers do not outlive it: the will must own what it keeps.
std::unique_ptr<will> copied_will(std::chrono::seconds delay = 0s) {
  std::string topic = "a/will";
  std::string payload = "gone";
  std::string properties;
  mqtt::property_writer writer{properties};
  writer.integer(mqtt::property_id::will_delay_interval, 30)
    .integer(mqtt::property_id::message_expiry_interval, 60)
    .value(mqtt::property_id::content_type, "text")
    .user_property("name", "value");
  mqtt::connect packet;
  packet.version = mqtt::protocol_version::v5;
  packet.will = mqtt::will{topic, payload, mqtt::qos::exactly_once, true,
                           mqtt::property_view{properties}};
  return will::copy_of(packet, delay);
}

} // namespace

TEST_CASE("a CONNECT without a will leaves none") {
  CHECK(will::copy_of(mqtt::connect{}, 5s) == nullptr);
}

TEST_CASE("a will is what CONNECT said, also after the packet is gone "
          "[MQTT-3.1.2-7]") {
  const auto made = copied_will();
  const auto message = made->to_message("place", 7, now);
  CHECK(message->mountpoint() == "place");
  CHECK(message->topic_name() == "a/will");
  CHECK(message->payload() == "gone");
  CHECK(message->quality() == mqtt::qos::exactly_once);
  CHECK(message->retain());
  CHECK(message->publisher() == 7);
}

TEST_CASE("the will's expiry counts from its publication (3.1.3.2.4)") {
  const auto made = copied_will();
  CHECK(made->to_message("", 0, now)->expires_at() == now + 60s);
  CHECK(made->to_message("", 0, now + 30s)->expires_at() == now + 90s);
}

TEST_CASE("a will without expiry never expires") {
  mqtt::connect packet;
  packet.will = mqtt::will{"t", "p", {}, false, {}};
  const auto made = will::copy_of(packet, 0s);
  CHECK(made->to_message("", 0, now)->expires_at() == std::nullopt);
}

TEST_CASE("a will's own properties travel, the server's two do not "
          "(3.1.3.2)") {
  const auto message = copied_will()->to_message("", 0, now);
  const auto properties = message->properties();
  CHECK(properties.value(mqtt::property_id::content_type) == "text");
  CHECK(properties.find(mqtt::property_id::user_property)->value == "value");
  CHECK(!properties.find(mqtt::property_id::will_delay_interval));
  CHECK(!properties.find(mqtt::property_id::message_expiry_interval));
}

TEST_CASE("the delay is the one that the server granted") {
  CHECK(copied_will(12s)->delay == 12s);
}

} // namespace will_test
