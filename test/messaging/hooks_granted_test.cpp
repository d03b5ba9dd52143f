#include "actors/messaging/hooks/granted.hpp"

#include <doctest/doctest.h>

namespace hooks_granted_test {

using namespace std::chrono_literals;
using namespace hetzel;
using namespace hetzel::messaging;

namespace {

mqtt::connect_request request(mqtt::protocol_version version) {
  mqtt::connect_request made;
  made.packet.version = version;
  made.session_expiry = 10s;
  return made;
}

} // namespace

TEST_CASE("limits that a provider grants replace the configured ones") {
  mqtt::session_limits limits;
  plugins::register_modifiers changes;
  changes.max_message_size = 1'000;
  changes.max_inflight_messages = std::uint16_t{3};
  changes.retry_interval = 1'500ms;
  apply(changes, limits);
  CHECK(limits.packet_size_max == 1'005);
  CHECK(limits.in_flight_max_v3 == 3);
  CHECK(limits.retry_interval == 2s);
  changes.max_message_size = 0;
  apply(changes, limits);
  CHECK(limits.packet_size_max == 1'005);
}

TEST_CASE("Clean Session of 3.x decides how long the Session lasts") {
  mqtt::session_limits limits;
  limits.persistent_client_expiration = 99s;
  auto made = request(mqtt::protocol_version::v3_1_1);
  plugins::register_modifiers changes;
  changes.clean_session = true;
  apply(changes, limits, made);
  CHECK(made.packet.clean_start);
  CHECK(made.session_expiry == 0s);
  changes.clean_session = false;
  apply(changes, limits, made);
  CHECK(!made.packet.clean_start);
  CHECK(made.session_expiry == 99s);
}

TEST_CASE("a session expiry is 5.0's, and capped like the client's own") {
  mqtt::session_limits limits;
  limits.session_expiry_max = 60s;
  auto made = request(mqtt::protocol_version::v5);
  plugins::register_modifiers changes;
  changes.session_expiry_interval = 30s;
  changes.user_properties = {{"k", "v"}};
  changes.user_name = "other";
  apply(changes, limits, made);
  CHECK(made.session_expiry == 30s);
  CHECK(made.user_name == "other");
  CHECK(!made.user_properties.empty());
  changes.session_expiry_interval = 90s;
  apply(changes, limits, made);
  CHECK(made.session_expiry == 60s);
  auto older = request(mqtt::protocol_version::v3_1_1);
  apply(changes, limits, older);
  CHECK(older.session_expiry == 10s);
  CHECK(older.user_properties.empty());
}

TEST_CASE("a will is changed in its own text") {
  auto made = request(mqtt::protocol_version::v5);
  made.packet.will = mqtt::will{"t", "p", mqtt::qos::at_most_once, false, {}};
  plugins::publish_modifiers changes;
  changes.topic_name = "other/topic/that/is/long/enough/to/be/allocated";
  changes.retain = true;
  changes.properties.emplace();
  changes.properties->will_delay_interval = 3s;
  apply(changes, made);
  changes.topic_name.reset();
  CHECK(made.packet.will->topic_name
        == "other/topic/that/is/long/enough/to/be/allocated");
  CHECK(made.packet.will->payload == "p");
  CHECK(made.packet.will->retain);
  CHECK(made.will_delay == 3s);
}

} // namespace hooks_granted_test
