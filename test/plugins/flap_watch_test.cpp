#include "plugins/bans/flap_watch.hpp"

#include <doctest/doctest.h>

#include <string>

namespace flap_watch_test {

using namespace hetzel;
using namespace hetzel::plugins;
using std::chrono::seconds;

namespace {

mqtt::time_point at(int second) {
  return mqtt::time_point{} + seconds{1'000 + second};
}

} // namespace

TEST_CASE("a client flaps when it disconnects too often within the window") {
  flap_watch watch{{.disconnects_max = 2, .window = seconds{10}}};
  CHECK_FALSE(watch.on_disconnect("a", at(0)));
  CHECK_FALSE(watch.on_disconnect("b", at(1)));
  CHECK_FALSE(watch.on_disconnect("a", at(5)));
  CHECK(watch.on_disconnect("a", at(10)));
  CHECK(watch.size() == 1);
}

TEST_CASE("who disconnects more slowly does not flap") {
  flap_watch watch{{.disconnects_max = 2, .window = seconds{10}}};
  for (int i = 0; i < 20; ++i)
    CHECK_FALSE(watch.on_disconnect("a", at(6 * i)));
}

TEST_CASE("without a limit nobody is watched") {
  flap_watch watch{{}};
  for (int i = 0; i < 100; ++i)
    CHECK_FALSE(watch.on_disconnect("a", at(0)));
  CHECK(watch.size() == 0);
}

TEST_CASE("many clients take bounded memory, and room comes back") {
  flap_watch watch{{.disconnects_max = 1, .window = seconds{10}}};
  for (std::size_t i = 0; i < flap_watch::clients_max + 10; ++i)
    CHECK_FALSE(watch.on_disconnect(std::to_string(i), at(0)));
  CHECK(watch.size() == flap_watch::clients_max);
  CHECK(watch.on_disconnect("7", at(1)));
  CHECK_FALSE(watch.on_disconnect("new", at(20)));
  CHECK_FALSE(watch.on_disconnect("newer", at(20)));
  CHECK(watch.on_disconnect("newer", at(21)));
}

} // namespace flap_watch_test
