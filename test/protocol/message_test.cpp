#include "protocol/message.hpp"

#include "protocol/assert.hpp"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

namespace message_test {

using namespace hetzel::mqtt;

namespace {

message_fields all_fields() {
  message_fields fields;
  fields.mountpoint = "tenant";
  fields.topic_name = "a/b";
  fields.payload = bytes_view{"\0pay\xFF", 5};
  fields.properties = bytes_view{"\x01\x01", 2};
  fields.quality = qos::exactly_once;
  fields.retain = true;
  fields.expires_at = time_point{std::chrono::seconds{5}};
  fields.publisher = 42;
  return fields;
}

} // namespace

TEST_CASE("a message keeps every field it was made from") {
  auto made = message::make(all_fields());
  CHECK(made->mountpoint() == "tenant");
  CHECK(made->topic_name() == "a/b");
  CHECK(made->payload() == bytes_view{"\0pay\xFF", 5});
  CHECK(made->properties().bytes() == bytes_view{"\x01\x01", 2});
  CHECK(made->quality() == qos::exactly_once);
  CHECK(made->retain());
  CHECK(made->publisher() == 42);
  CHECK(made->expires_at() == time_point{std::chrono::seconds{5}});
}

TEST_CASE("a message copies what it was made from") {
  std::string payload = "before";
  message_fields fields;
  fields.topic_name = "t";
  fields.payload = payload;
  auto made = message::make(fields);
  payload = "after!";
  CHECK(made->payload() == "before");
}

TEST_CASE("topic field and payload stand as on the wire") {
  auto made = message::make(all_fields());
  CHECK(made->topic_field() == bytes_view{"\0\3a/b", 5});
  CHECK(made->topic_and_payload() == bytes_view{"\0\3a/b\0pay\xFF", 10});
}

TEST_CASE("an empty message is possible") {
  auto made = message::make({});
  CHECK(made->topic_name().empty());
  CHECK(made->payload().empty());
  CHECK(made->properties().empty());
  CHECK_FALSE(made->expires_at());
  CHECK_FALSE(made->is_expired(time_point{std::chrono::hours{1'000'000}}));
}

TEST_CASE("a message expires at its deadline, not before") {
  auto made = message::make(all_fields());
  CHECK_FALSE(made->is_expired(time_point{std::chrono::milliseconds{4999}}));
  CHECK(made->is_expired(time_point{std::chrono::seconds{5}}));
}

TEST_CASE("a topic name of 65,535 bytes fits, a longer one is our fault") {
  std::string longest(65'535, 't');
  message_fields fields;
  fields.topic_name = longest;
  CHECK(message::make(fields)->topic_name() == longest);
  longest += 't';
  fields.topic_name = longest;
  CHECK_THROWS_AS(static_cast<void>(message::make(fields)),
                  hetzel::assertion_failed);
}

TEST_CASE("the size of a message counts all of its bytes") {
  std::string payload(10'000, 'x');
  message_fields fields;
  fields.payload = payload;
  auto size = message::make(fields)->size();
  CHECK(size >= 10'000);
  CHECK(size <= 15'000 + sizeof(message));
}

TEST_CASE("copies share one message and the last one frees it") {
  auto first = message::make(all_fields());
  {
    auto second = first;
    auto third = std::move(first);
    CHECK_FALSE(first);
    CHECK(second.get() == third.get());
    first = second;
  }
  CHECK(first->topic_name() == "a/b");
}

TEST_CASE("messages may be dropped on another thread than they were made on") {
  std::vector<message_ptr> made;
  for (int i = 0; i < 10'000; ++i)
    made.push_back(message::make(all_fields()));
  std::thread other{[moved = std::move(made)]() mutable {
    moved.clear();
    for (int i = 0; i < 100; ++i)
      moved.push_back(message::make(all_fields()));
  }};
  other.join();
}

} // namespace message_test
