#include "actors/messaging/index/share_group.hpp"

#include <doctest/doctest.h>

namespace index_share_group_test {

using namespace hetzel;
using namespace hetzel::messaging;

TEST_CASE("a share group is known by mountpoint, group and filter") {
  const auto registry = share_registry::make();
  const auto group = registry->acquire("m", "g", "a/b");
  CHECK(registry->acquire("m", "g", "a/b") == group);
  CHECK(registry->acquire("", "g", "a/b") != group);
  CHECK(registry->acquire("m", "ga", "/b") != group);
  CHECK(registry->acquire("mg", "", "a/b") != group);
  CHECK(group->id != 0);
  CHECK(registry->find(group->id) == group);
  CHECK(registry->find("m", "g", "a/b") == group);
  CHECK(registry->find("", "g", "a/b") == nullptr);
}

TEST_CASE("a share group is forgotten with its last holder") {
  const auto registry = share_registry::make();
  auto group = registry->acquire("", "g", "a");
  const auto id = group->id;
  CHECK(registry->size() == 1);
  group.reset();
  CHECK(registry->size() == 0);
  CHECK(registry->find(id) == nullptr);
  CHECK(registry->find("", "g", "a") == nullptr);
  CHECK(registry->acquire("", "g", "a")->id != id);
}

TEST_CASE("a share group may outlive the registry") {
  auto registry = share_registry::make();
  const auto group = registry->acquire("", "g", "a");
  registry.reset();
  CHECK(group->share_group == "g");
}

TEST_CASE("members with identifiers carry them ready for delivery") {
  const share_members members{{{queue_id{0, 1, 1}, {}, 4},
                               {queue_id{0, 1, 2}, {}, 4},
                               {queue_id{0, 1, 3}, {}, 0}}};
  REQUIRE(members.ids_of(0));
  CHECK(*members.ids_of(0) == std::vector{4U});
  CHECK(members.ids_of(1) == members.ids_of(0));
  CHECK(members.ids_of(2) == nullptr);
  CHECK(share_members{{{queue_id{0, 1, 1}, {}, 0}}}.ids_of(0) == nullptr);
}

} // namespace index_share_group_test
