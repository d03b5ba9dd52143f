#include "actors/net/listener_keeper.hpp"

#include "test/support/net_fixture.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>

namespace listener_keeper_test {

using namespace std::chrono_literals;
using namespace hetzel;

namespace {

struct watched : test::net_fixture {
  net::listener_keeper keeper(std::chrono::milliseconds interval) {
    return net::spawn_listener_keeper(
      system, [this] { events.add("look"); }, interval);
  }

  test::event_log events;
};

} // namespace

TEST_CASE("files are looked at again and again") {
  watched w;
  const auto keeper = w.keeper(1ms);
  CHECK(w.events.wait_for("look", 3));
  w.kill(keeper);
}

TEST_CASE("with an interval of zero they are looked at when somebody says so, "
          "who hears when it is done") {
  watched w;
  const auto keeper = w.keeper(0ms);
  for (int i = 0; i < 2; ++i)
    w.self->request(keeper, 10s, net::look_atom_v)
      .receive([] {}, [](const caf::error& why) { FAIL(to_string(why)); });
  CHECK(w.events.text() == "look look");
  CHECK(w.state_of(keeper, "looks") == "2");
  w.kill(keeper);
}

TEST_CASE("what operators ask is carried out in its order") {
  watched w;
  const auto keeper = w.keeper(0ms);
  for (const char* name : {"first", "second"})
    caf::anon_send(keeper,
                   std::make_shared<const std::function<void()>>(
                     [&w, name] { w.events.add(name); }));
  CHECK(w.events.wait_for("second"));
  CHECK(w.events.text() == "first second");
  w.kill(keeper);
}

} // namespace listener_keeper_test
