#include "actors/messaging/subscription_list.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>
#include <string>

namespace subscription_list_test {

using namespace hetzel;
using messaging::subscription_list;

namespace {

subscription_list::entry entry(std::string filter, std::uint32_t id = 0) {
  return {std::move(filter), {mqtt::qos::at_least_once}, id};
}

} // namespace

TEST_CASE("subscribing again replaces, it does not add [MQTT-3.8.4-3]") {
  subscription_list list;
  CHECK(list.set(entry("a/b", 1)));
  CHECK(!list.set(entry("a/b", 2)));
  CHECK(list.size() == 1);
  CHECK(list.find("a/b")->subscription_id == 2);
}

TEST_CASE("filters are compared character by character [MQTT-3.10.4-1]") {
  subscription_list list;
  list.set(entry("a/+"));
  list.set(entry("$share/g/a"));
  CHECK(list.find("a/b") == nullptr);
  CHECK(list.find("a/") == nullptr);
  CHECK(list.find("a") == nullptr);
  CHECK(list.find("$share/g/a") != nullptr);
  CHECK(!list.erase("a/#"));
  CHECK(list.erase("a/+"));
  CHECK(!list.erase("a/+"));
  CHECK(list.size() == 1);
}

TEST_CASE("it holds what a set would, in order, whatever is done to it") {
  subscription_list list;
  std::set<std::string> model;
  std::mt19937 random{7};
  for (int i = 0; i < 5'000; ++i) {
    const auto filter = "f/" + std::to_string(random() % 200);
    if (random() % 3 == 0)
      REQUIRE(list.erase(filter) == (model.erase(filter) == 1));
    else
      REQUIRE(list.set(entry(filter)) == model.insert(filter).second);
  }
  REQUIRE(list.size() == model.size());
  auto expected = model.begin();
  for (const auto& one : list)
    REQUIRE(one.topic_filter == *expected++);
  list.clear();
  CHECK(list.size() == 0);
}

} // namespace subscription_list_test
