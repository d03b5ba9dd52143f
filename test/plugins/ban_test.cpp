#include "plugins/bans/ban.hpp"
#include "plugins/bans/ban_index.hpp"

#include <doctest/doctest.h>

#include <string>

namespace ban_test {

using namespace hetzel;
using namespace hetzel::plugins;

namespace {

using target = ban::target;

ban::time_point at(int seconds) {
  return ban::time_point{std::chrono::seconds{1'800'000'000 + seconds}};
}

ban_list some_bans() {
  ban_list list;
  REQUIRE(list.add({target::client_id, "bad", {}, "it was bad"}));
  REQUIRE(list.add({target::user_name, "eve", at(10), "listens\tin %"}));
  REQUIRE(list.add({target::network, "192.0.2.9/24", at(20), ""}));
  REQUIRE(list.add({target::network, "2001:db8::1", {}, "one\nhost"}));
  return list;
}

const ban* find(const ban_list& list, mqtt::bytes_view address, int now) {
  static ban_index index;
  index = ban_index{list.all()};
  return index.find(*ip_address::parse(address), at(now));
}

} // namespace

TEST_CASE("bans hold for a client id, a user or a network, while they last") {
  const ban_index index{some_bans().all()};
  CHECK(index.find("bad", std::nullopt, at(0))->reason == "it was bad");
  CHECK(index.find("good", std::nullopt, at(0)) == nullptr);
  CHECK(index.find("eve", "bad", at(0)) == nullptr);
  CHECK(index.find("good", "eve", at(9)) != nullptr);
  CHECK(index.find("good", "eve", at(10)) == nullptr);
  CHECK(find(some_bans(), "192.0.2.1", 19) != nullptr);
  CHECK(find(some_bans(), "192.0.2.1", 20) == nullptr);
  CHECK(find(some_bans(), "192.0.3.1", 0) == nullptr);
  CHECK(find(some_bans(), "2001:db8::1", 1'000) != nullptr);
  CHECK(find(some_bans(), "2001:db8::2", 0) == nullptr);
}

TEST_CASE("a ban that is over does not hide a wider one that is not") {
  auto list = some_bans();
  REQUIRE(list.add({target::network, "192.0.0.0/16", {}, "wide"}));
  REQUIRE(find(list, "192.0.2.1", 30) != nullptr);
  CHECK(find(list, "192.0.2.1", 30)->reason == "wide");
}

TEST_CASE("bans are kept over a restart with all that is in them") {
  const auto list = some_bans();
  const auto again = ban_list::parse(list.text());
  REQUIRE(again);
  CHECK(again->all() == list.all());
  CHECK(again->text() == list.text());
}

TEST_CASE("a second ban of the same target replaces the first") {
  auto list = some_bans();
  REQUIRE(list.add({target::network, "192.0.2.0/24", {}, "again"}));
  CHECK(list.size() == 4);
  CHECK(find(list, "192.0.2.1", 99)->reason == "again");
}

TEST_CASE("a ban is lifted by its target, and swept when it is over") {
  auto list = some_bans();
  CHECK(list.remove(target::network, "192.0.2.200/24"));
  CHECK_FALSE(list.remove(target::network, "192.0.2.0/24"));
  CHECK_FALSE(list.remove(target::user_name, "bad"));
  CHECK_FALSE(list.sweep(at(9)));
  CHECK(list.sweep(at(10)));
  CHECK(list.size() == 2);
}

TEST_CASE("a ban must be about somebody, and of bounded size") {
  ban_list list;
  CHECK_FALSE(list.add({target::client_id, "", {}, ""}));
  CHECK_FALSE(list.add({target::client_id, std::string(2'000, 'x'), {}, ""}));
  CHECK_FALSE(list.add({target::client_id, "x", {}, std::string(2'000, 'x')}));
  CHECK_FALSE(list.add({target::network, "nowhere", {}, ""}));
  CHECK(list.size() == 0);
}

TEST_CASE("a broken line in the file of bans is found by its number") {
  const auto good = some_bans().text();
  for (const std::string line :
       {"client_id", "client_id\tx\t-", "client\tx\t-\t", "client_id\tx\t1x\t",
        "client_id\tx\t99999999999\t", "client_id\t%4\t-\t",
        "client_id\t%zz\t-\t", "client_id\t\t-\t", "network\tx\t-\t"}) {
    CAPTURE(line);
    const auto parsed = ban_list::parse(good + line + "\n");
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().line == 5);
  }
}

TEST_CASE("targets have names") {
  for (auto what : {target::client_id, target::user_name, target::network})
    CHECK(find_ban_target(to_string(what)) == what);
  CHECK_FALSE(find_ban_target("host"));
}

} // namespace ban_test
