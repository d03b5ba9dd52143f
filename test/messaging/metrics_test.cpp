#include "actors/messaging/metrics.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace metrics_test {

using namespace hetzel;
using namespace hetzel::messaging;

TEST_CASE("every metric has a name of its own") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < metrics_count; ++i) {
    const auto name = to_string(static_cast<metric>(i));
    CHECK(!name.empty());
    CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_")
          == std::string_view::npos);
    names.insert(name);
  }
  CHECK(names.size() == metrics_count);
}

TEST_CASE("names stand in the order of the metrics (VerneMQ's names)") {
  CHECK(to_string(metric::client_keepalive_expired)
        == "client_keepalive_expired");
  CHECK(to_string(metric::puback_invalid) == "mqtt_puback_invalid_error");
  CHECK(to_string(metric::queue_setup) == "queue_setup");
  CHECK(to_string(metric::queue_message_drop) == "queue_message_drop");
  CHECK(to_string(metric::router_matches_local) == "router_matches_local");
  CHECK(to_string(metric::retain_expired) == "retain_expired");
}

TEST_CASE("metrics count each on their own") {
  metrics counted;
  counted.add(metric::queue_setup);
  counted.add(metric::queue_message_drop, 41);
  counted.add(metric::queue_message_drop);
  CHECK(counted.value(metric::queue_setup) == 1);
  CHECK(counted.value(metric::queue_message_drop) == 42);
  CHECK(counted.value(metric::queue_teardown) == 0);
}

TEST_CASE("packets are counted by type and direction, errors by code") {
  metrics counted;
  using enum mqtt::reason_code;
  counted.add_packet(mqtt::packet_type::puback, success, true);
  counted.add_packet(mqtt::packet_type::puback, quota_exceeded, true);
  counted.add_packet(mqtt::packet_type::puback, quota_exceeded, false);
  CHECK(counted.packets(mqtt::packet_type::puback, true) == 2);
  CHECK(counted.packets(mqtt::packet_type::puback, false) == 1);
  CHECK(counted.packets(mqtt::packet_type::auth, true) == 0);
  CHECK(counted.errors(quota_exceeded, true) == 1);
  CHECK(counted.errors(unspecified_error, true) == 0);
}

TEST_CASE("the lowest and the highest error code have their place") {
  metrics counted;
  using enum mqtt::reason_code;
  for (const auto code :
       {unspecified_error, wildcard_subscriptions_not_supported})
    counted.add_packet(mqtt::packet_type::disconnect, code, true);
  CHECK(counted.errors(unspecified_error, true) == 1);
  CHECK(counted.errors(wildcard_subscriptions_not_supported, true) == 1);
}

} // namespace metrics_test
