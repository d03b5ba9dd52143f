#include "plugins/api/modifier_rules.hpp"

#include <doctest/doctest.h>

namespace modifier_rules_test {

using namespace hetzel;
using namespace hetzel::plugins;

namespace {

const mqtt::topic_limits limits;

publish_modifiers with_topic(std::string name) {
  publish_modifiers made;
  made.topic_name = std::move(name);
  return made;
}

} // namespace

TEST_CASE("a topic that a provider puts in must be one") {
  CHECK(check(with_topic("a/b"), limits).empty());
  CHECK(!check(with_topic("a/+"), limits).empty());
  CHECK(!check(with_topic(""), limits).empty());
  CHECK(!check(with_topic("a/\xff"), limits).empty());
  CHECK(!check(with_topic("1/2/3/4/5/6/7/8/9/10/11"), limits).empty());
  deliver_modifiers sent;
  sent.topic_name = "#";
  CHECK(!check(sent, limits).empty());
}

TEST_CASE("a throttle is at most a minute, and never negative") {
  using std::chrono::milliseconds;
  publish_modifiers made;
  made.throttle = milliseconds{60'000};
  CHECK(check(made, limits).empty());
  made.throttle = milliseconds{60'001};
  CHECK(!check(made, limits).empty());
  made.throttle = milliseconds{-1};
  CHECK(!check(made, limits).empty());
}

TEST_CASE("filters of subscriptions are filters, their codes grants or "
          "errors") {
  CHECK(check(subscribe_modifiers{{{"a/#", {}, {}}}}, limits).empty());
  CHECK(!check(subscribe_modifiers{{{"a/#/b", {}, {}}}}, limits).empty());
  CHECK(check(subscribe_modifiers{
                {{"a", mqtt::reason_code::not_authorized, {}}}},
              limits)
          .empty());
  CHECK(!check(subscribe_modifiers{
                 {{"a", mqtt::reason_code::continue_authentication, {}}}},
               limits)
           .empty());
  CHECK(!check(unsubscribe_modifiers{{"a", ""}}, limits).empty());
}

TEST_CASE("an identity needs a client id") {
  register_modifiers made;
  made.identity = subscriber_id{"mount", ""};
  CHECK(!check(made).empty());
  made.identity->client_id = "c";
  CHECK(check(made).empty());
  made.session_expiry_interval = std::chrono::seconds{-1};
  CHECK(!check(made).empty());
}

TEST_CASE("enhanced authentication goes on or succeeds, by the client's own "
          "method [MQTT-4.12.0-5]") {
  auth_modifiers made;
  made.code = mqtt::reason_code::continue_authentication;
  CHECK(check(made, "SCRAM").empty());
  made.method = "PLAIN";
  CHECK(!check(made, "SCRAM").empty());
  made.method = "SCRAM";
  CHECK(check(made, "SCRAM").empty());
  made.code = mqtt::reason_code::granted_qos_1;
  CHECK(!check(made, "SCRAM").empty());
}

TEST_CASE("properties are coded as they travel, without expiry") {
  message_properties properties;
  properties.payload_format_indicator = true;
  properties.message_expiry_interval = std::chrono::seconds{5};
  properties.content_type = "text";
  properties.user_properties = {{"k", "v"}};
  const auto coded = encode(properties);
  const mqtt::property_view seen{coded};
  CHECK(seen.integer(mqtt::property_id::payload_format_indicator) == 1U);
  CHECK(seen.value(mqtt::property_id::content_type)
        == mqtt::bytes_view{"text"});
  CHECK(seen.find(mqtt::property_id::user_property)->value == "v");
  CHECK(!seen.find(mqtt::property_id::message_expiry_interval));
}

} // namespace modifier_rules_test
