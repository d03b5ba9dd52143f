#include "actors/messaging/index/retained_index.hpp"
#include "test/messaging/index_population.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

namespace index_retained_index_test {

using namespace hetzel;
using namespace hetzel::messaging;
using hetzel::test::index_population;
using hetzel::test::retained;

namespace {

using name_set = std::multiset<std::string>;

const mqtt::time_point start{std::chrono::hours{1}};

mqtt::time_point after(int seconds) {
  return start + std::chrono::seconds{seconds};
}

/// All matches, taken in chunks of `chunk`.
name_set match(retained_index& index, mqtt::bytes_view topic_filter,
               mqtt::bytes_view mountpoint = {}, std::size_t chunk = 100,
               mqtt::time_point now = start) {
  retained_cursor cursor{mountpoint, topic_filter};
  name_set names;
  while (!cursor.is_done()) {
    std::vector<mqtt::message_ptr> found;
    index.match(cursor, now, {chunk, 10'000}, found);
    CHECK(found.size() <= chunk);
    for (const auto& message : found)
      names.emplace(message->topic_name());
  }
  return names;
}

} // namespace

TEST_CASE("a topic has one retained message, the latest [MQTT-3.3.1-5]") {
  retained_index index;
  CHECK(index.set(retained("a/b", "1")) == retain_verdict::stored);
  CHECK(index.set(retained("a/b", "2")) == retain_verdict::replaced);
  CHECK(index.size() == 1);
  CHECK(index.get({}, "a/b")->payload() == "2");
  CHECK_FALSE(index.get({}, "a"));
  CHECK_FALSE(index.get("site", "a/b"));
}

TEST_CASE("an empty payload removes the retained message [MQTT-3.3.1-6]") {
  retained_index index;
  index.set(retained("a/b", "1"));
  CHECK(index.set(retained("a/b", "")) == retain_verdict::erased);
  CHECK(index.set(retained("a/b", "")) == retain_verdict::absent);
  CHECK_FALSE(index.get({}, "a/b"));
  CHECK(index.size() == 0);
  CHECK(index.message_bytes() == 0);
  CHECK(index.node_count() == 0);
}

TEST_CASE("a filter finds the retained messages it matches") {
  retained_index index;
  for (const char* name : {"a", "a/b", "a/b/c", "a//c", "a/d/c", "/", "b/b/c"})
    index.set(retained(name, "x"));
  CHECK(match(index, "a/+/c") == name_set{"a//c", "a/b/c", "a/d/c"});
  CHECK(match(index, "a/#") == name_set{"a", "a//c", "a/b", "a/b/c", "a/d/c"});
  CHECK(match(index, "+/b/#") == name_set{"a/b", "a/b/c", "b/b/c"});
  CHECK(match(index, "+/+") == name_set{"/", "a/b"});
  CHECK(match(index, "a/b") == name_set{"a/b"});
  CHECK(match(index, "#").size() == 7);
  CHECK(match(index, "c/#").empty());
  CHECK(match(index, "a/#", "site").empty());
}

TEST_CASE("a leading wildcard does not find retained '$' topics "
          "[MQTT-4.7.2-1]") {
  retained_index index;
  index.set(retained("$SYS/uptime", "1"));
  index.set(retained("$SYS", "1"));
  index.set(retained("a/$b", "1"));
  CHECK(match(index, "#") == name_set{"a/$b"});
  CHECK(match(index, "+/#") == name_set{"a/$b"});
  CHECK(match(index, "+/uptime").empty());
  CHECK(match(index, "$SYS/#") == name_set{"$SYS", "$SYS/uptime"});
  CHECK(match(index, "$SYS/+") == name_set{"$SYS/uptime"});
}

TEST_CASE("an expired message is not found and can be swept "
          "[MQTT-3.3.2-5]") {
  retained_index index;
  index.set(retained("a", "1", {}, after(10)));
  index.set(retained("b", "1", {}, after(20)));
  index.set(retained("c", "1"));
  CHECK(match(index, "+", {}, 100, after(9)).size() == 3);
  CHECK(match(index, "+", {}, 100, after(10)) == name_set{"b", "c"});
  std::vector<mqtt::message_ptr> swept;
  CHECK(index.sweep(after(9), 10'000, swept) == 0);
  CHECK(index.sweep(after(15), 10'000, swept) == 1);
  CHECK(swept.at(0)->topic_name() == "a");
  CHECK(index.size() == 2);
  CHECK(index.sweep(after(30), 10'000, swept) == 1);
  CHECK(index.sweep(after(30), 10'000, swept) == 0);
}

TEST_CASE("a sweep in small steps comes round") {
  retained_index index;
  for (int i = 0; i < 3000; ++i)
    index.set(retained(std::to_string(i), "1", {}, after(1)));
  std::vector<mqtt::message_ptr> swept;
  for (int i = 0; i < 100 && index.size() > 0; ++i)
    index.sweep(after(2), 100, swept);
  CHECK(index.size() == 0);
  CHECK(swept.size() == 3000);
}

TEST_CASE("the number of retained messages has a limit") {
  retained_index index{{.count_max = 2}};
  CHECK(index.set(retained("a", "1")) == retain_verdict::stored);
  CHECK(index.set(retained("b", "1")) == retain_verdict::stored);
  CHECK(index.set(retained("c", "1")) == retain_verdict::rejected_count);
  CHECK(index.set(retained("a", "2")) == retain_verdict::replaced);
  CHECK(index.set(retained("b", "")) == retain_verdict::erased);
  CHECK(index.set(retained("c", "1")) == retain_verdict::stored);
  CHECK(index.node_count() == 3);
}

TEST_CASE("the bytes of retained messages have a limit") {
  const auto large = retained("a", std::string(1000, 'x'));
  retained_index index{{.bytes_max = large->size() * 2}};
  CHECK(index.set(large) == retain_verdict::stored);
  CHECK(index.set(retained("b", std::string(1000, 'x')))
        == retain_verdict::stored);
  CHECK(index.message_bytes() == large->size() * 2);
  CHECK(index.set(retained("c", "1")) == retain_verdict::rejected_bytes);
  CHECK(index.set(retained("a", std::string(2000, 'x')))
        == retain_verdict::rejected_bytes);
  CHECK(index.get({}, "a")->payload().size() == 1000);
  CHECK(index.set(retained("a", "1")) == retain_verdict::replaced);
  CHECK(index.set(retained("c", "1")) == retain_verdict::stored);
  index.set_limits(0, 1);
  CHECK(index.set(retained("c", "2")) == retain_verdict::replaced);
  CHECK(index.set(retained("d", "2")) == retain_verdict::rejected_bytes);
}

TEST_CASE("a walk with a step limit ends all the same") {
  retained_index index;
  for (int i = 0; i < 1000; ++i)
    index.set(retained("a/" + std::to_string(i), "1"));
  retained_cursor cursor{{}, "+/+/c"};
  std::vector<mqtt::message_ptr> found;
  int calls = 0;
  for (; !cursor.is_done(); ++calls)
    index.match(cursor, start, {100, 50}, found);
  CHECK(found.empty());
  CHECK(calls >= 20);
  CHECK(calls <= 25);
}

TEST_CASE("a budget of nothing still makes progress") {
  retained_index index;
  index.set(retained("a", "1"));
  retained_cursor cursor{{}, "#"};
  std::vector<mqtt::message_ptr> found;
  for (int i = 0; i < 10 && !cursor.is_done(); ++i)
    index.match(cursor, start, {0, 0}, found);
  CHECK(cursor.is_done());
}

TEST_CASE("a walk finds what is there all the time exactly once, while the "
          "rest comes and goes") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    index_population population{seed};
    retained_index index{{.hash_seed = seed}};
    std::set<std::string> steady;
    std::set<std::string> passing;
    for (int i = 0; i < 200; ++i) {
      auto& names = population.one_in(2) ? steady : passing;
      names.insert(population.topic_name());
    }
    for (const auto& name : steady)
      passing.erase(name);
    for (const auto* names : {&steady, &passing})
      for (const auto& name : *names)
        index.set(retained(name, "x"));
    const auto filter = population.topic_filter();
    CAPTURE(filter);
    std::map<std::string, int> seen;
    {
      retained_cursor cursor{{}, filter};
      while (!cursor.is_done()) {
        std::vector<mqtt::message_ptr> found;
        index.match(cursor, start, {1 + population.below(3), 20}, found);
        for (const auto& message : found)
          ++seen[std::string{message->topic_name()}];
        for (const auto& name : passing)
          if (population.one_in(3))
            index.set(retained(name, population.one_in(2) ? "" : "y"));
        if (population.one_in(5)) {
          auto moved = std::move(cursor);
          cursor = std::move(moved);
        }
        if (population.one_in(100))
          break;
      }
      if (cursor.is_done())
        for (const auto& name : steady)
          CHECK(seen.contains(name) == mqtt::matches(filter, name));
    }
    for (const auto& [name, times] : seen)
      CHECK((times == 1 && mqtt::matches(filter, name)));
    for (const auto* names : {&steady, &passing})
      for (const auto& name : *names)
        index.erase({}, name);
    CHECK(index.size() == 0);
    CHECK(index.node_count() == 0);
  }
}

TEST_CASE("what random filters find is what the definition of matching says, "
          "for retained messages too") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    index_population population{seed};
    retained_index index{{.hash_seed = seed}};
    std::map<std::pair<std::string, std::string>, std::string> model;
    for (int round = 0; round < 20; ++round) {
      for (int i = 0; i < 50; ++i) {
        const auto mountpoint = population.mountpoint();
        const auto name = population.topic_name();
        const auto payload
          = population.one_in(3) ? "" : std::to_string(population.below(9));
        index.set(retained(name, payload, mountpoint));
        if (payload.empty())
          model.erase({mountpoint, name});
        else
          model[{mountpoint, name}] = payload;
      }
      CHECK(index.size() == model.size());
      for (int i = 0; i < 10; ++i) {
        const auto mountpoint = population.mountpoint();
        const auto filter = population.topic_filter();
        name_set expected;
        for (const auto& [key, payload] : model) {
          CHECK(index.get(key.first, key.second)->payload() == payload);
          if (key.first == mountpoint && mqtt::matches(filter, key.second))
            expected.insert(key.second);
        }
        CAPTURE(filter);
        CHECK(match(index, filter, mountpoint, 1 + population.below(20))
              == expected);
      }
    }
  }
}

} // namespace index_retained_index_test
