#include "cluster/metadata/store_identity.hpp"

#include "persistence/memory_store.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace store_identity_test {

using namespace hetzel::cluster;
using namespace std::string_literals;
using hetzel::persistence::durability;
using hetzel::persistence::memory_store;
using hetzel::persistence::write_batch;
using store_errc = hetzel::persistence::errc;

namespace {

const auto key = "\x04i"s;

/// Store 7, actor 9, then 11 for the next one.
struct machine {
  auto open(bool power_lost = false, std::uint8_t groups = 16) {
    return open_identity(
      store, {.groups = groups, .power_lost = power_lost,
              .random = [this] { return ids.at(next++); }});
  }

  void put(const std::string& bytes) {
    write_batch batch;
    batch.put(key, bytes);
    CHECK(store.write(batch, durability::synced) == store_errc::none);
  }

  [[nodiscard]] std::string bytes() const { return **store.get(key); }

  memory_store store;
  std::vector<std::uint64_t> ids{7, 9, 11, 13, 15};
  std::size_t next = 0;
};

const auto first_bytes = "\1\7\0\0\0\0\0\0\0\1\0\0\0\x10\t\0\0\0\0\0\0\0\0"s;

} // namespace

TEST_CASE("a new store gets an identity, and its first generation is 1") {
  machine one;
  const auto identity = one.open();
  REQUIRE(identity);
  CHECK(identity->store == store_id{7});
  CHECK(identity->actor == actor_id{9});
  CHECK(identity->opened == generation{1});
  CHECK(identity->groups == 16);
  CHECK(identity->retired.empty());
  CHECK(!identity->has_rotated);
  CHECK(one.bytes() == first_bytes);
}

TEST_CASE("no id is ever 0") {
  machine one;
  one.ids = {0, 0, 3, 0, 5};
  const auto identity = one.open();
  CHECK(identity->store == store_id{3});
  CHECK(identity->actor == actor_id{5});
}

TEST_CASE("each start raises the generation and keeps the rest, the number of "
          "groups above all") {
  machine one;
  static_cast<void>(one.open());
  const auto second = one.open(false, 200);
  CHECK(second->store == store_id{7});
  CHECK(second->actor == actor_id{9});
  CHECK(second->opened == generation{2});
  CHECK(second->groups == 16);
  CHECK(one.open()->opened == generation{3});
}

TEST_CASE("a generation that was told is not told again after a power loss") {
  machine one;
  CHECK(one.open()->opened == generation{1});
  one.store.lose_power();
  CHECK(one.open()->opened == generation{2});
  one.store.lose_power();
  CHECK(one.open(true)->opened == generation{3});
  one.store.lose_power();
  // The actor that was told is the one to go on with, too.
  CHECK(one.open()->actor == actor_id{11});
}

TEST_CASE("after a power loss a new actor counts, and the former ones are "
          "known for good (2.12)") {
  machine one;
  static_cast<void>(one.open());
  const auto rotated = one.open(true);
  CHECK(rotated->has_rotated);
  CHECK(rotated->store == store_id{7});
  CHECK(rotated->actor == actor_id{11});
  CHECK(rotated->retired == std::vector{actor_id{9}});
  static_cast<void>(one.open(true));
  const auto later = one.open();
  CHECK(!later->has_rotated);
  CHECK(later->actor == actor_id{13});
  CHECK(later->retired == std::vector{actor_id{9}, actor_id{11}});
}

TEST_CASE("a new store after a power loss has nothing to retire") {
  machine one;
  const auto identity = one.open(true);
  CHECK(identity->retired.empty());
  CHECK(!identity->has_rotated);
}

TEST_CASE("a start that cannot write ends, and the next one is as if it had "
          "not been") {
  machine one;
  static_cast<void>(one.open());
  one.store.fail_writes(store_errc::disk_full);
  const auto failed = one.open(true);
  REQUIRE(!failed);
  CHECK(failed.error().code == store_errc::disk_full);
  CHECK(failed.error().message.find("identity") != std::string::npos);
  CHECK(one.bytes() == first_bytes);
  CHECK(one.open()->opened == generation{2});
}

TEST_CASE("a store that cannot be read is not taken for a new one") {
  machine one;
  static_cast<void>(one.open());
  one.store.fail_reads(store_errc::io_error);
  CHECK(one.open().error().code == store_errc::io_error);
  CHECK(one.bytes() == first_bytes);
}

TEST_CASE("a damaged identity is refused and left as it is") {
  const auto refused = [](const std::string& bytes) {
    machine one;
    one.put(bytes);
    const auto opened = one.open();
    CHECK(one.bytes() == bytes);
    return !opened && opened.error().code == store_errc::corrupt;
  };
  for (std::size_t size = 1; size < first_bytes.size(); ++size) {
    INFO("bytes: ", size);
    CHECK(refused(first_bytes.substr(0, size)));
  }
  CHECK(refused(first_bytes + '\0'));
  for (const auto& [offset, length] : {std::pair{1, 8}, {13, 1}, {14, 8}}) {
    INFO("no store, no groups, or no actor: ", offset);
    auto bytes = first_bytes;
    bytes.replace(static_cast<std::size_t>(offset),
                  static_cast<std::size_t>(length),
                  static_cast<std::size_t>(length), '\0');
    CHECK(refused(bytes));
  }
  // As many retired actors as would fill all memory.
  CHECK(refused(first_bytes.substr(0, first_bytes.size() - 1)
                + "\xff\xff\xff\xff\x0f"s));
  CHECK(refused("\1\7\0\0\0\0\0\0\0\xff\xff\xff\xff\x10\t\0\0\0\0\0\0\0\0"s));
}

TEST_CASE("an identity of a later version is refused as that") {
  machine one;
  auto bytes = first_bytes + "more";
  bytes[0] = 2;
  one.put(bytes);
  CHECK(one.open().error().code == store_errc::newer_layout);
  CHECK(one.bytes() == bytes);
}

TEST_CASE("an identity that the disk damaged is corrupt, not absent") {
  machine one;
  static_cast<void>(one.open());
  CHECK(one.store.damage(key));
  CHECK(one.open().error().code == store_errc::corrupt);
}

TEST_CASE("a copy begins with an actor of its own, once") {
  machine one;
  static_cast<void>(one.open());
  REQUIRE(mark_as_copy(one.store) == store_errc::none);
  const auto first = one.open();
  REQUIRE(first);
  CHECK(first->has_rotated);
  CHECK(first->actor == actor_id{11});
  CHECK(first->retired == std::vector{actor_id{9}});
  CHECK(first->store == store_id{7});
  const auto second = one.open();
  REQUIRE(second);
  CHECK(!second->has_rotated);
  CHECK(second->actor == actor_id{11});
}

} // namespace store_identity_test
