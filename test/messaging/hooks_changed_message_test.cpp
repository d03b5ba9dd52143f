#include "actors/messaging/hooks/changed_message.hpp"

#include "protocol/property_writer.hpp"

#include <doctest/doctest.h>

#include <string>

namespace hooks_changed_message_test {

using namespace std::chrono_literals;
using namespace hetzel;
using namespace hetzel::messaging;

namespace {

const mqtt::time_point start{};

mqtt::message_fields source(const std::string& coded) {
  mqtt::message_fields fields;
  fields.mountpoint = "m";
  fields.topic_name = "t";
  fields.payload = "p";
  fields.properties = coded;
  fields.quality = mqtt::qos::at_least_once;
  fields.expires_at = start + 5s;
  fields.publisher = 7;
  return fields;
}

std::string with_content_type() {
  std::string coded;
  mqtt::property_writer{coded}.value(mqtt::property_id::content_type, "old");
  return coded;
}

} // namespace

TEST_CASE("what a provider leaves out of a message stays") {
  const auto coded = with_content_type();
  auto fields = source(coded);
  std::string made;
  plugins::publish_modifiers changes;
  changes.payload = "new";
  change(fields, changes, start, made);
  const auto message = mqtt::message::make(fields);
  CHECK(message->payload() == "new");
  CHECK(message->topic_name() == "t");
  CHECK(message->mountpoint() == "m");
  CHECK(message->properties().value(mqtt::property_id::content_type)
        == mqtt::bytes_view{"old"});
  CHECK(message->expires_at() == start + 5s);
}

TEST_CASE("properties replace all there were, expiry too") {
  const auto coded = with_content_type();
  auto fields = source(coded);
  std::string made;
  plugins::publish_modifiers changes;
  changes.topic_name = "u";
  changes.quality = mqtt::qos::exactly_once;
  changes.retain = true;
  changes.mountpoint = "n";
  changes.properties.emplace();
  changes.properties->user_properties = {{"k", "v"}};
  change(fields, changes, start, made);
  auto message = mqtt::message::make(fields);
  CHECK(message->topic_name() == "u");
  CHECK(message->quality() == mqtt::qos::exactly_once);
  CHECK(message->retain());
  CHECK(message->mountpoint() == "n");
  CHECK(!message->properties().find(mqtt::property_id::content_type));
  CHECK(message->properties().find(mqtt::property_id::user_property)->value
        == "v");
  CHECK(!message->expires_at());
  changes.properties->message_expiry_interval = 9s;
  change(fields, changes, start, made);
  CHECK(fields.expires_at == start + 9s);
}

TEST_CASE("a delivery that is changed keeps the rest of its message") {
  const auto coded = with_content_type();
  const auto message = mqtt::message::make(source(coded));
  plugins::deliver_modifiers changes;
  changes.topic_name = "u";
  const auto other = changed(*message, changes);
  CHECK(other->topic_name() == "u");
  CHECK(other->payload() == "p");
  CHECK(other->publisher() == 7);
  CHECK(other->expires_at() == start + 5s);
  CHECK(other->properties().bytes() == coded);
  changes.properties.emplace();
  CHECK(changed(*message, changes)->properties().empty());
}

} // namespace hooks_changed_message_test
