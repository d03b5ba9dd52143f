#include "actors/messaging/storage/stored_message.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

namespace storage_stored_message_test {

using namespace hetzel;
using namespace hetzel::messaging;
using namespace std::chrono_literals;

namespace {

const both_clocks now{mqtt::time_point{100h},
                      cluster::unix_time{1'700'000'000'000ms}};

mqtt::delivery example() {
  mqtt::message_fields fields;
  fields.mountpoint = "m";
  fields.topic_name = "a/b";
  fields.payload = std::string_view{"x\0y", 3};
  fields.properties = std::string_view{"\x01\x01", 2};
  fields.quality = mqtt::qos::exactly_once;
  fields.retain = true;
  fields.expires_at = now.steady + 90s;
  mqtt::delivery item;
  item.message = mqtt::message::make(fields);
  item.ids = std::make_shared<const std::vector<std::uint32_t>>(
    std::vector<std::uint32_t>{1, 268'435'455});
  item.quality = mqtt::qos::exactly_once;
  item.retain = true;
  return item;
}

struct stored_bytes {
  explicit stored_bytes(const mqtt::delivery& item) {
    encode_header(header, item);
    encode_body(body, *item.message);
    record.header = header;
    record.body = body;
    record.expires = deadline_of(*item.message, now);
    stub.at = persistence::sequence{42};
    stub.expires = record.expires;
  }

  std::string header;
  std::string body;
  persistence::entry_record record;
  persistence::entry_stub stub;
};

} // namespace

TEST_CASE("a stored delivery comes back as it was, with its number") {
  const auto item = example();
  const stored_bytes stored{item};
  const auto later = both_clocks{mqtt::time_point{5h}, now.wall + 30s};
  const auto back = decode_stored(stored.stub, stored.record, later);
  REQUIRE(back);
  CHECK(back->message->mountpoint() == "m");
  CHECK(back->message->topic_name() == "a/b");
  CHECK(back->message->payload() == item.message->payload());
  CHECK(back->message->properties().bytes()
        == item.message->properties().bytes());
  CHECK(back->quality == mqtt::qos::exactly_once);
  CHECK(back->retain);
  CHECK(*back->ids == *item.ids);
  CHECK(back->stored == 42);
  // 30 of its 90 seconds have passed, on the wall's clock.
  CHECK(*back->message->expires_at() == later.steady + 60s);
}

TEST_CASE("a message that never expires has no deadline, before and after") {
  auto item = example();
  mqtt::message_fields fields;
  fields.topic_name = "t";
  item.message = mqtt::message::make(fields);
  const stored_bytes stored{item};
  CHECK(stored.record.expires == persistence::no_deadline);
  const auto back = decode_stored(stored.stub, stored.record, now);
  CHECK(!back->message->expires_at());
  CHECK(back->message->payload().empty());
}

TEST_CASE("the name of a share group goes along, in exact bytes") {
  auto item = example();
  item.ids = nullptr;
  std::string header;
  encode_header(header, item, "$share/g/a");
  CHECK(header == std::string{"\x02\x06\x0a$share/g/a\x00", 14});
  CHECK(share_of(header) == "$share/g/a");
  stored_bytes stored{item};
  CHECK(share_of(stored.header).empty());
  stored.record.header = header;
  const auto back = decode_stored(stored.stub, stored.record, now);
  REQUIRE(back);
  CHECK(back->quality == mqtt::qos::exactly_once);
  CHECK(back->retain);
  CHECK(back->share == 0);
  for (std::size_t size = 0; size < header.size(); ++size) {
    stored.record.header = std::string_view{header}.substr(0, size);
    CHECK(!decode_stored(stored.stub, stored.record, now));
    CHECK(share_of(stored.record.header).size() <= 10);
  }
  const auto later = "\x03" + header.substr(1);
  stored.record.header = later;
  CHECK(!decode_stored(stored.stub, stored.record, now));
  CHECK(share_of(later).empty());
}

TEST_CASE("no part of a header, no damaged body and no other version is taken "
          "for a delivery") {
  const stored_bytes stored{example()};
  for (std::size_t size = 0; size < stored.header.size(); ++size) {
    auto record = stored.record;
    record.header = record.header.substr(0, size);
    CHECK(!decode_stored(stored.stub, record, now));
  }
  // The payload is the rest: what is before it must be whole.
  const auto fixed = stored.body.size() - 3;
  for (std::size_t size = 0; size < fixed; ++size) {
    auto record = stored.record;
    record.body = record.body.substr(0, size);
    CHECK(!decode_stored(stored.stub, record, now));
  }
  auto other = stored.record;
  const auto newer = "\x02" + stored.body.substr(1);
  other.body = newer;
  CHECK(!decode_stored(stored.stub, other, now));
  auto zero = stored.record;
  const auto of_qos_0 = std::string{"\x01\x00\x00", 3};
  zero.header = of_qos_0;
  CHECK(!decode_stored(stored.stub, zero, now));
}

} // namespace storage_stored_message_test
