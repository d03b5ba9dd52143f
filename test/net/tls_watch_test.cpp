#include "actors/net/tls/tls_watch.hpp"

#include "test/support/net_fixture.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>

using namespace std::chrono_literals;
using namespace hetzel;

namespace {

struct watched : test::net_fixture {
  net::tls_watch watch(std::chrono::milliseconds interval) {
    return net::spawn_tls_watch(
      system, [this] { events.add("look"); }, interval);
  }

  test::event_log events;
};

} // namespace

TEST_CASE("files are looked at again and again") {
  watched w;
  const auto watch = w.watch(1ms);
  CHECK(w.events.wait_for("look", 3));
  w.kill(watch);
}

TEST_CASE("with an interval of zero they are looked at when somebody says so, "
          "who hears when it is done") {
  watched w;
  const auto watch = w.watch(0ms);
  for (int i = 0; i < 2; ++i)
    w.self->request(watch, 10s, net::look_atom_v)
      .receive([] {}, [](const caf::error& why) { FAIL(to_string(why)); });
  CHECK(w.events.text() == "look look");
  CHECK(w.state_of(watch, "looks") == "2");
  w.kill(watch);
}
