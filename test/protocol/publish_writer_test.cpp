#include "protocol/publish_writer.hpp"

#include "protocol/decoder.hpp"
#include "protocol/encoder.hpp"
#include "test/support/hex.hpp"

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <string>

namespace publish_writer_test {

using namespace hetzel::mqtt;
using hetzel::test::hex;
using hetzel::test::to_hex;

namespace {

constexpr time_point now{std::chrono::hours{5}};

std::string written(const delivery& item, const publish_form& form,
                    time_point at = now) {
  output_buffer out;
  auto layout = plan_publish(item, form, at);
  write_publish(out, item, form, layout);
  CHECK(out.size() == layout.packet_size());
  std::array<bytes_view, 4> parts;
  std::string all;
  auto used = out.gather(parts);
  for (std::size_t i = 0; i < used; ++i)
    all += parts[i];
  return all;
}

delivery make(message_fields fields, qos quality) {
  if (fields.topic_name.empty())
    fields.topic_name = "a/b";
  return {message::make(fields), {}, 0, quality, false};
}

publish_form form_of(protocol_version version, packet_id id = 0) {
  publish_form form;
  form.version = version;
  form.id = id;
  return form;
}

constexpr auto v3 = protocol_version::v3_1_1;
constexpr auto v5 = protocol_version::v5;

message_fields with_payload(bytes_view payload) {
  message_fields fields;
  fields.payload = payload;
  return fields;
}

} // namespace

TEST_CASE("PUBLISH of 3.1.1 has exactly these bytes") {
  auto item = make(with_payload("hi"), qos::at_most_once);
  CHECK(to_hex(written(item, form_of(v3)))
        == to_hex(hex("30 07 0003 'a/b' 'hi'")));
  item.quality = qos::at_least_once;
  item.retain = true;
  CHECK(to_hex(written(item, form_of(v3, 0x1234)))
        == to_hex(hex("33 09 0003 'a/b' 1234 'hi'")));
  item.quality = qos::exactly_once;
  item.retain = false;
  auto form = form_of(v3, 0x0001);
  form.dup = true;
  CHECK(to_hex(written(item, form))
        == to_hex(hex("3C 09 0003 'a/b' 0001 'hi'")));
}

TEST_CASE("PUBLISH of 5.0 carries what is the subscriber's own, then the "
          "properties of the message [MQTT-3.3.4-3]") {
  auto fields = with_payload("hi");
  auto properties = hex("01 01 03 0001 'j'");
  fields.properties = properties;
  fields.expires_at = now + std::chrono::seconds{10};
  auto item = make(fields, qos::at_least_once);
  item.ids = std::make_shared<const std::vector<std::uint32_t>>(
    std::vector<std::uint32_t>{1, 300});
  auto form = form_of(v5, 7);
  form.topic_alias = 2;
  CHECK(to_hex(written(item, form))
        == to_hex(hex("32 1D 0003 'a/b' 0007 13"
                      "23 0002  02 0000000A  0B 01  0B AC02"
                      "01 01 03 0001 'j' 'hi'")));
}

TEST_CASE("a known alias stands for the topic name [MQTT-3.3.2-13]") {
  auto item = make(with_payload("hi"), qos::at_most_once);
  auto form = form_of(v5);
  form.topic_alias = 2;
  form.topic_known = true;
  CHECK(to_hex(written(item, form))
        == to_hex(hex("30 08 0000 03 23 0002 'hi'")));
}

TEST_CASE("properties of the message do not reach a client of 3.1.1") {
  auto fields = with_payload("hi");
  fields.properties = bytes_view{"\x01\x01", 2};
  fields.expires_at = now + std::chrono::seconds{10};
  auto item = make(fields, qos::at_least_once);
  item.ids = std::make_shared<const std::vector<std::uint32_t>>(1, 5);
  CHECK(to_hex(written(item, form_of(v3, 1)))
        == to_hex(hex("32 09 0003 'a/b' 0001 'hi'")));
}

TEST_CASE("Message Expiry Interval goes out less the whole seconds waited "
          "[MQTT-3.3.2-6]") {
  auto fields = with_payload("");
  fields.expires_at = now + std::chrono::seconds{10};
  auto item = make(fields, qos::at_most_once);
  auto left_after = [&](std::chrono::milliseconds waited) {
    return plan_publish(item, form_of(v5), now + waited).expiry_seconds;
  };
  using namespace std::chrono_literals;
  CHECK(left_after(0ms) == 10);
  CHECK(left_after(999ms) == 10);
  CHECK(left_after(1000ms) == 9);
  CHECK(left_after(9999ms) == 1);
  CHECK(left_after(10'000ms) == 0);
  CHECK(left_after(99'000ms) == 0);
}

TEST_CASE("the longest interval survives") {
  auto fields = with_payload("");
  fields.expires_at = now + std::chrono::seconds{0xFFFF'FFFF};
  auto item = make(fields, qos::at_most_once);
  CHECK(plan_publish(item, form_of(v5), now).expiry_seconds == 0xFFFF'FFFF);
}

TEST_CASE("a large payload is not copied") {
  std::string payload(100'000, 'x');
  auto item = make(with_payload(payload), qos::at_most_once);
  for (auto version : {v3, v5}) {
    output_buffer out;
    auto form = form_of(version);
    write_publish(out, item, form, plan_publish(item, form, now));
    std::array<bytes_view, 4> parts;
    REQUIRE(out.gather(parts) == 2);
    CHECK(parts[1].data() == item.message->payload().data());
  }
}

TEST_CASE("any delivery is written as the codec would write it") {
  std::mt19937 random{11};
  auto below = [&random](std::size_t limit) { return random() % limit; };
  for (int round = 0; round < 2000; ++round) {
    std::string topic(1 + below(300), 't');
    std::string payload(below(round % 20 == 0 ? 70'000 : 300), 'p');
    std::string properties;
    if (below(2) == 0)
      property_writer{properties}
        .value(property_id::content_type, std::string(below(400), 'c'))
        .user_property("name", "value");
    message_fields fields;
    fields.topic_name = topic;
    fields.payload = payload;
    fields.properties = properties;
    if (below(2) == 0)
      fields.expires_at = now + std::chrono::seconds{below(100'000) + 1};
    auto item = make(fields, static_cast<qos>(below(3)));
    item.retain = below(2) == 0;
    auto form = form_of(below(2) == 0 ? v3 : v5);
    publish expected;
    if (item.quality != qos::at_most_once) {
      form.id = static_cast<packet_id>(below(65'535) + 1);
      form.dup = below(2) == 0;
    }
    if (form.version == v5) {
      form.topic_alias = static_cast<std::uint16_t>(below(3));
      form.topic_known = form.topic_alias != 0 && below(2) == 0;
      if (fields.expires_at)
        expected.expiry_interval = std::chrono::seconds{
          (*fields.expires_at - now) / std::chrono::seconds{1}};
    }
    expected.dup = form.dup;
    expected.retain = item.retain;
    expected.quality = item.quality;
    expected.id = form.id;
    expected.topic_name = form.topic_known ? bytes_view{} : bytes_view{topic};
    expected.topic_alias = form.topic_alias;
    expected.properties = property_view{properties};
    expected.payload = payload;
    std::string bytes;
    encode(expected, form.version, bytes);
    REQUIRE(written(item, form) == bytes);
  }
}

} // namespace publish_writer_test
