#include "plugins/api/modifier_value.hpp"
#include "plugins/api/modifier_reading.hpp"

#include <doctest/doctest.h>

namespace modifier_value_test {

using namespace hetzel;
using namespace hetzel::plugins;

namespace {

using list = modifier_value::list;
using map = modifier_value::map;

modifier_value text(const char* content) {
  return {std::string{content}};
}
modifier_value number(std::int64_t content) {
  return {content};
}
modifier_value flag(bool content) {
  return {content};
}

} // namespace

TEST_CASE("modifiers of a registration are read by VerneMQ's names") {
  const auto read = parse_register_modifiers(
    {{"subscriber_id", {map{{"mountpoint", text("m")},
                            {"client_id", text("c")}}}},
     {"username", text("u")},
     {"clean_session", flag(true)},
     {"max_message_size", number(65'535)},
     {"max_inflight_messages", number(10'000)},
     {"retry_interval", number(20'000)},
     {"shared_subscription_policy", text("random")},
     {"queue_type", text("lifo")},
     {"max_offline_messages", number(-1)}},
    hook_form::v3);
  REQUIRE(read);
  CHECK(read->identity->mountpoint == "m");
  CHECK(read->identity->client_id == "c");
  CHECK(read->user_name == "u");
  CHECK(read->clean_session == true);
  CHECK(read->max_message_size == 65'535U);
  CHECK(read->max_inflight_messages == std::uint16_t{10'000});
  CHECK(read->retry_interval == std::chrono::milliseconds{20'000});
  CHECK(read->shares == share_choice::random);
  CHECK(read->queue == queue_kind::lifo);
  CHECK(read->max_offline_messages == -1);
}

TEST_CASE("one modifier that is unknown, of the wrong type or out of range "
          "spoils the whole answer, and is named") {
  const auto error = [](map from) {
    const auto read = parse_publish_modifiers(from, hook_form::v3);
    return read ? std::string{} : read.error();
  };
  CHECK(error({{"topic", text("a")}, {"qos", number(1)}}).empty());
  CHECK(error({{"topic", text("a")}, {"colour", text("red")}})
        == "can't validate modifier colour: it is unknown");
  CHECK(error({{"retain", text("yes")}})
        == "can't validate modifier retain: its value does not fit");
  CHECK(!error({{"qos", number(3)}}).empty());
  CHECK(!error({{"qos", number(-1)}}).empty());
  CHECK(!error({{"throttle", number(-5)}}).empty());
}

TEST_CASE("a float with an integral meaning is a number, another is not") {
  const auto quality = [](double level) {
    return parse_publish_modifiers({{"qos", {level}}}, hook_form::v5);
  };
  REQUIRE(quality(2.0));
  CHECK(quality(2.0)->quality == mqtt::qos::exactly_once);
  CHECK(!quality(1.5));
  CHECK(!quality(1e300));
}

TEST_CASE("client_id and mountpoint have an effect together only") {
  const auto both = parse_register_modifiers(
    {{"client_id", text("c")}, {"mountpoint", text("m")}}, hook_form::v3);
  CHECK(both->identity->client_id == "c");
  const auto one
    = parse_register_modifiers({{"client_id", text("c")}}, hook_form::v3);
  REQUIRE(one);
  CHECK(!one->identity);
}

TEST_CASE("properties are 5.0's, and each hook has its own") {
  const map publish{
    {"properties",
     {map{{"p_user_property", {list{{map{{"key", text("k")},
                                         {"val", text("v")}}},
                                    {map{{"short", text("form")}}}}}},
          {"p_payload_format_indicator", text("utf8")},
          {"p_message_expiry_interval", number(60)}}}}};
  const auto read = parse_publish_modifiers(publish, hook_form::v5);
  REQUIRE(read);
  CHECK(read->properties->user_properties
        == user_properties{{"k", "v"}, {"short", "form"}});
  CHECK(read->properties->payload_format_indicator == true);
  CHECK(read->properties->message_expiry_interval == std::chrono::seconds{60});
  CHECK(!parse_publish_modifiers(publish, hook_form::v3));
  // What is delivered has no expiry to set.
  CHECK(!parse_deliver_modifiers(publish, hook_form::v5));
  const auto session = parse_register_modifiers(
    {{"properties", {map{{"p_session_expiry_interval", number(7)}}}}},
    hook_form::v5);
  REQUIRE(session);
  CHECK(session->session_expiry_interval == std::chrono::seconds{7});
}

TEST_CASE("topics of a SUBSCRIBE come as pairs or maps; 128 refuses one") {
  const auto pairs = parse_subscribe_modifiers(
    {{list{text("a/b"), number(1)}}, {list{text("c"), number(128)}}},
    hook_form::v3);
  REQUIRE(pairs);
  CHECK(pairs->topics[0].topic_filter == "a/b");
  CHECK(pairs->topics[0].code == mqtt::reason_code::granted_qos_1);
  CHECK(pairs->topics[1].code == mqtt::reason_code::unspecified_error);
  const auto maps = parse_subscribe_modifiers(
    {{map{{"topic", text("a")},
          {"qos", number(2)},
          {"no_local", flag(true)},
          {"retain_handling", text("dont_send")}}}},
    hook_form::v5);
  REQUIRE(maps);
  CHECK(maps->topics[0].options->no_local);
  CHECK(maps->topics[0].options->handling
        == mqtt::retain_handling::do_not_send);
  const auto nested = parse_subscribe_modifiers(
    {{list{text("a"), {list{number(0), {map{{"rap", flag(true)}}}}}}}},
    hook_form::v5);
  REQUIRE(nested);
  CHECK(nested->topics[0].options->retain_as_published);
  CHECK(!parse_subscribe_modifiers({{list{text("a")}}}, hook_form::v3));
  CHECK(!parse_subscribe_modifiers({text("a")}, hook_form::v3));
}

TEST_CASE("a step of enhanced authentication is read") {
  const auto read = parse_auth_modifiers(
    {{"reason_code", number(24)},
     {"properties", {map{{"p_authentication_method", text("SCRAM")},
                         {"p_authentication_data", text("step2")}}}}});
  REQUIRE(read);
  CHECK(read->code == mqtt::reason_code::continue_authentication);
  CHECK(read->method == "SCRAM");
  CHECK(read->data == "step2");
}

TEST_CASE("filters to unsubscribe are texts") {
  CHECK(parse_unsubscribe_modifiers({text("a"), text("b")})->topic_filters
        == std::vector<std::string>{"a", "b"});
  CHECK(!parse_unsubscribe_modifiers({number(1)}));
}

TEST_CASE("reason codes have VerneMQ's names and MQTT's") {
  using mqtt::reason_code;
  CHECK(find_reason_code("not_authorized") == reason_code::not_authorized);
  CHECK(find_reason_code("bad_username_or_password")
        == reason_code::bad_user_name_or_password);
  CHECK(find_reason_code("granted_qos1") == reason_code::granted_qos_1);
  CHECK(find_reason_code("banned") == reason_code::banned);
  CHECK(!find_reason_code("no_such_code"));
  CHECK(!find_reason_code(""));
  CHECK(!find_reason_code(mqtt::to_string(static_cast<reason_code>(0xFF))));
}

} // namespace modifier_value_test
