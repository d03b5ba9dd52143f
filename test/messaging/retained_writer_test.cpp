#include "actors/messaging/retained_writer.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <utility>

namespace retained_writer_test {

using namespace hetzel;
using namespace hetzel::messaging;
using persistence::errc;

namespace {

mqtt::message_ptr message(std::string_view topic, std::string_view payload) {
  mqtt::message_fields fields;
  fields.topic_name = topic;
  fields.payload = payload;
  fields.retain = true;
  return mqtt::message::make(fields);
}

struct writer_fixture {
  explicit writer_fixture(std::uint32_t groups = 1) : writer(groups) {}

  /// `stored` is what the index had.
  void add(std::string_view topic, std::string_view payload,
           mqtt::message_ptr stored = {}) {
    const auto name = std::string{topic} + "=" + std::string{payload};
    writer.add({message(topic, payload), std::move(stored),
                {[this, name](errc code) {
                  answers.emplace_back(name, code);
                }},
                nullptr});
  }

  /// "topic=payload" of each change of the next write; {} when there is none.
  std::map<std::string, std::string> take(std::uint32_t group = 0) {
    std::map<std::string, std::string> found;
    const auto now = at_wall_clock(mqtt::time_point{});
    if (const auto write = writer.take(group, now))
      for (const auto& change : write->changes) {
        const auto key = *cluster::decode_metadata_key(change.key);
        const auto back = retained_message(key, change.value, now);
        CHECK(found.emplace(key.subject, back->payload()).second);
      }
    return found;
  }

  retained_writer writer;
  std::vector<std::pair<std::string, errc>> answers;
};

using payloads = std::map<std::string, std::string>;
using answers = std::vector<std::pair<std::string, errc>>;

} // namespace

TEST_CASE("one write of a group is under way at a time, the next has all that "
          "came meanwhile") {
  writer_fixture fixture;
  fixture.add("a", "1");
  CHECK(fixture.take() == payloads{{"a", "1"}});
  fixture.add("b", "1");
  fixture.add("c", "1");
  CHECK(fixture.take().empty());
  CHECK(fixture.writer.size() == 3);
  CHECK(fixture.writer.finish(0, errc::none).empty());
  CHECK(fixture.take() == payloads{{"b", "1"}, {"c", "1"}});
  CHECK(fixture.writer.finish(0, errc::none).empty());
  CHECK(fixture.take().empty());
  CHECK(fixture.writer.size() == 0);
}

TEST_CASE("groups do not wait for each other") {
  writer_fixture fixture{64};
  const auto one = fixture.writer.group_of(*message("a", ""));
  std::string other = "b";
  while (fixture.writer.group_of(*message(other, "")) == one)
    other += "b";
  fixture.add("a", "1");
  CHECK(fixture.take(one).size() == 1);
  fixture.add(other, "1");
  CHECK(fixture.take(fixture.writer.group_of(*message(other, "")))
        == payloads{{other, "1"}});
}

TEST_CASE("a later message takes the place of one that waits, and both "
          "publishers are answered once") {
  writer_fixture fixture;
  for (const char* payload : {"1", "2", "3"})
    fixture.add("a", payload);
  CHECK(fixture.writer.size() == 1);
  CHECK(fixture.take() == payloads{{"a", "3"}});
  CHECK(fixture.answers.empty());
  CHECK(fixture.writer.finish(0, errc::none).empty());
  CHECK(fixture.answers
        == answers{{"a=1", errc::none}, {"a=2", errc::none},
                   {"a=3", errc::none}});
}

TEST_CASE("a message that is being written is not changed any more") {
  writer_fixture fixture;
  fixture.add("a", "1");
  CHECK(fixture.take() == payloads{{"a", "1"}});
  fixture.add("a", "2");
  CHECK(fixture.writer.finish(0, errc::none).empty());
  CHECK(fixture.answers == answers{{"a=1", errc::none}});
  CHECK(fixture.take() == payloads{{"a", "2"}});
}

TEST_CASE("after a failure the index is to have what was stored, and everybody "
          "hears of it") {
  writer_fixture fixture;
  fixture.add("a", "1", message("a", "0"));
  fixture.add("a", "2", message("a", "1"));
  fixture.add("b", "1");
  static_cast<void>(fixture.take());
  const auto failed = fixture.writer.finish(0, errc::disk_full);
  CHECK(fixture.answers.size() == 3);
  for (const auto& [name, code] : fixture.answers)
    CHECK(code == errc::disk_full);
  REQUIRE(failed.size() == 2);
  for (const auto& one : failed) {
    if (one.message->topic_name() == "a")
      CHECK(one.stored->payload() == "0");
    else
      CHECK(!one.stored);
  }
  CHECK(fixture.writer.size() == 0);
}

TEST_CASE("a newer message that waits outlives the failure of the older one, "
          "and inherits what was stored") {
  writer_fixture fixture;
  fixture.add("a", "1", message("a", "0"));
  static_cast<void>(fixture.take());
  fixture.add("a", "2", message("a", "1"));
  CHECK(fixture.writer.finish(0, errc::io_error).empty());
  CHECK(fixture.answers == answers{{"a=1", errc::io_error}});
  CHECK(fixture.take() == payloads{{"a", "2"}});
  SUBCASE("it may succeed") {
    CHECK(fixture.writer.finish(0, errc::none).empty());
    CHECK(fixture.answers.back().second == errc::none);
  }
  SUBCASE("it may fail too") {
    const auto failed = fixture.writer.finish(0, errc::io_error);
    REQUIRE(failed.size() == 1);
    CHECK(failed[0].stored->payload() == "0");
  }
}

TEST_CASE("a topic is pending from the message until the answer") {
  writer_fixture fixture;
  const auto topic = message("a", "");
  CHECK(!fixture.writer.is_pending(*topic));
  fixture.add("a", "1");
  CHECK(fixture.writer.is_pending(*topic));
  static_cast<void>(fixture.take());
  CHECK(fixture.writer.is_pending(*topic));
  CHECK(!fixture.writer.is_pending(*message("b", "")));
  static_cast<void>(fixture.writer.finish(0, errc::none));
  CHECK(!fixture.writer.is_pending(*topic));
}

TEST_CASE("what bounds the publishers is held until the write has ended") {
  writer_fixture fixture;
  auto credit = std::make_shared<const int>(1);
  const std::weak_ptr<const int> watch = credit;
  fixture.writer.add({message("a", "1"), {}, {}, std::move(credit)});
  static_cast<void>(fixture.take());
  CHECK(!watch.expired());
  CHECK(fixture.writer.finish(0, errc::none).empty());
  CHECK(watch.expired());
}

} // namespace retained_writer_test
