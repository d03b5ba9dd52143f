#include "actors/messaging/storage/share_names.hpp"

#include "actors/messaging/index/subscription_table.hpp"
#include "protocol/topic.hpp"

#include <doctest/doctest.h>

#include <string>

namespace storage_share_names_test {

using namespace hetzel;
using namespace hetzel::messaging;

namespace {

struct names_fixture {
  names_fixture() : table({.reactors = 1, .hash_seed = 1}), names(table) {}

  void join(std::string_view topic_filter) {
    const auto filter = *mqtt::parse_topic_filter(topic_filter, {0, 65'535});
    table.write(table.shard_of("m", filter), [&](auto& index) {
      index.insert("m", filter, {queue_id{0, 1, 1}, {}, 0});
    });
  }

  void leave(std::string_view topic_filter) {
    const auto filter = *mqtt::parse_topic_filter(topic_filter, {0, 65'535});
    table.write(table.shard_of("m", filter), [&](auto& index) {
      index.erase("m", filter, queue_id{0, 1, 1});
    });
  }

  subscription_table table;
  share_names names;
};

} // namespace

TEST_CASE("a group has a name on disk, which leads back to it") {
  names_fixture here;
  here.join("$share/g/a/+");
  const auto id = here.names.number_of("m", "$share/g/a/+");
  CHECK(id != 0);
  CHECK(here.names.name_of(id) == "$share/g/a/+");
  CHECK(here.names.name_of(id) == "$share/g/a/+");
}

TEST_CASE("who is in no group has no name, and a name of nobody no number") {
  names_fixture here;
  here.join("$share/g/a");
  CHECK(here.names.name_of(0).empty());
  CHECK(here.names.name_of(4711).empty());
  for (const auto* const name :
       {"", "a", "$share/g/b", "$share/h/a", "$share/", "$share/g"})
    CHECK(here.names.number_of("m", name) == 0);
  CHECK(here.names.number_of("", "$share/g/a") == 0);
  here.leave("$share/g/a");
  CHECK(here.names.number_of("m", "$share/g/a") == 0);
}

TEST_CASE("more groups than are kept have their names all the same") {
  names_fixture here;
  std::vector<mqtt::share_id> ids;
  for (std::size_t i = 0; i < share_names::kept_max + 5; ++i) {
    const auto name = "$share/g" + std::to_string(i) + "/a";
    here.join(name);
    ids.push_back(here.names.number_of("m", name));
    CHECK(here.names.name_of(ids.back()) == name);
  }
  CHECK(here.names.name_of(ids.front()) == "$share/g0/a");
}

} // namespace storage_share_names_test
