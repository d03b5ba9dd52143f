#include "plugins/bans/ban_book.hpp"

#include "plugins/files/text_file.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <string>

namespace ban_book_test {

using namespace hetzel;
using namespace hetzel::plugins;

namespace {

struct fixture {
  test::temporary_directory folder;
  std::string path = folder.path("bans");
  guard_counters counters;
  flap_options flapping{};

  [[nodiscard]] ban_book book() {
    return ban_book{{path, flapping, &counters}};
  }
};

} // namespace

TEST_CASE("bans hold from the moment they are made until they are lifted") {
  fixture on;
  auto book = on.book();
  REQUIRE(book.open());
  CHECK_FALSE(book.is_banned("192.0.2.1:1883"));
  REQUIRE(book.add({ban::target::network, "192.0.2.0/24", {}, ""}));
  REQUIRE(book.add({ban::target::user_name, "eve", {}, ""}));
  CHECK(book.is_banned("192.0.2.1:1883"));
  CHECK(book.is_banned("[::ffff:192.0.2.1]:1883"));
  CHECK_FALSE(book.is_banned("192.0.3.1:1883"));
  CHECK_FALSE(book.is_banned("local:/run/hetzel.sock"));
  CHECK(book.is_banned("c", "eve"));
  CHECK_FALSE(book.is_banned("c", std::nullopt));
  CHECK(on.counters.value(guard_fact::ban_refused) == 3);
  CHECK(*book.remove(ban::target::network, "192.0.2.0/24"));
  CHECK_FALSE(*book.remove(ban::target::network, "192.0.2.0/24"));
  CHECK_FALSE(book.is_banned("192.0.2.1:1883"));
}

TEST_CASE("bans outlive the node, but for those that are over") {
  fixture on;
  {
    auto book = on.book();
    REQUIRE(book.add({ban::target::client_id, "bad", {}, "for good"}));
    REQUIRE(book.add({ban::target::client_id, "past",
                      ban::time_point{std::chrono::seconds{1}}, ""}));
  }
  auto again = on.book();
  REQUIRE(again.open());
  CHECK(again.is_banned("bad", std::nullopt));
  REQUIRE(again.all().size() == 1);
  CHECK(again.all()[0].reason == "for good");
}

TEST_CASE("a broken file of bans is told by its line") {
  fixture on;
  REQUIRE(replace_text_file(on.path, "client_id\tx\t-\t\nnonsense\n"));
  const auto opened = on.book().open();
  REQUIRE_FALSE(opened);
  CHECK(opened.error() == on.path + ":2: no ban");
}

TEST_CASE("a ban that cannot be made is told why") {
  fixture on;
  auto book = on.book();
  CHECK_FALSE(book.add({ban::target::network, "nowhere", {}, ""}));
  CHECK(book.all().empty());
}

TEST_CASE("a client that flaps is banned for a while") {
  fixture on;
  on.flapping = {.disconnects_max = 2};
  auto book = on.book();
  CHECK_FALSE(book.on_disconnect("c"));
  CHECK_FALSE(book.on_disconnect("c"));
  CHECK_FALSE(book.is_banned("c", std::nullopt));
  CHECK(book.on_disconnect("c"));
  CHECK(book.is_banned("c", std::nullopt));
  REQUIRE(book.all().size() == 1);
  CHECK(book.all()[0].until);
  CHECK(on.counters.value(guard_fact::ban_flapping) == 1);
}

} // namespace ban_book_test
