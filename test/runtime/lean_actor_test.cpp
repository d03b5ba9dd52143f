#include "actors/runtime/lean_actor.hpp"

#include "test/support/event_log.hpp"
#include "test/support/runtime_fixture.hpp"

#include <doctest/doctest.h>

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <future>
#include <memory>
#include <stdexcept>
#include <string>

namespace lean_actor_test {

using namespace std::chrono_literals;
using namespace hetzel::runtime;
using hetzel::test::event_log;
using hetzel::test::runtime_fixture;

namespace {

using log_ptr = std::shared_ptr<event_log>;

/// `put`: a note. `get`: asks the other to add 20 and 22. `tick`: is called
/// again now, then after a while. `close`: throws. `leave`: ends itself.
using probe_actor = introspectable::extend<
  caf::result<void>(caf::put_atom, std::string),
  caf::result<void>(caf::get_atom, caf::strong_actor_ptr),
  caf::result<void>(caf::tick_atom), caf::result<void>(caf::close_atom),
  caf::result<void>(caf::leave_atom)>;

using adder_actor = caf::typed_actor<caf::result<int>(caf::add_atom, int, int)>;

class probe final : public lean_actor {
public:
  probe(caf::actor_config& config, log_ptr events, bool fails = false)
    : lean_actor(config), events_(std::move(events)), fails_(fails) {}

  const char* name() const override { return "test.probe"; }

protected:
  void on_start() override {
    note("started");
    if (fails_)
      throw std::runtime_error{"bad start"};
  }

  bool on_message(caf::message& content) override {
    if (content.match_elements<caf::put_atom, std::string>())
      note(content.get_as<std::string>(1));
    else if (content.match_elements<caf::get_atom, caf::strong_actor_ptr>())
      on_get(content.get_as<caf::strong_actor_ptr>(1));
    else if (content.match_elements<caf::tick_atom>())
      on_tick();
    else if (content.match_elements<caf::close_atom>())
      throw std::runtime_error{"bad message"};
    else if (content.match_elements<caf::leave_atom>())
      end_later();
    else
      return false;
    return true;
  }

  state_entries state() override { return {{"mood", "fine"}}; }

  void on_end() noexcept override { note("ended"); }

private:
  void note(const std::string& event) {
    const bool is_home = reactor::current() == &home();
    events_->add(is_home ? event : event + "-elsewhere");
  }

  void on_get(const caf::strong_actor_ptr& other) {
    ask<int>(
      other, 50ms, caf::make_message(caf::add_atom_v, 20, 22),
      [this](int sum) { note("sum=" + std::to_string(sum)); },
      [this](const caf::error& why) { note(caf::to_string(why)); });
    note("asked");
  }

  void on_tick() {
    call_later(0ms, [this] {
      note("now");
      call_later(20ms, [this] { note("then"); });
    });
    note("ticked");
  }

  log_ptr events_;
  bool fails_;
};

struct probes : runtime_fixture {
  probes() : runtime_fixture(2) {}

  probe_actor spawn(std::size_t home, bool fails = false) {
    return spawn_lean<probe_actor, probe>(pool[home], events, fails);
  }

  /// Waits for the end of `which`.
  std::string end_of(const probe_actor& which) {
    std::string result;
    self->monitor(which);
    self->receive([&](const caf::down_msg& message) {
      result = message.reason ? failure_text(message.reason) : "normal";
    });
    return result;
  }

  std::string kill(const probe_actor& which) {
    caf::anon_send_exit(which, caf::exit_reason::kill);
    return end_of(which);
  }

  log_ptr events = std::make_shared<event_log>();
  caf::scoped_actor self{system};
};

/// Runs `body` while the reactor is busy with something else, so that what it
/// sends waits in the mailbox.
template <class Body>
void while_busy(reactor& which, Body body) {
  std::promise<void> entered;
  std::promise<void> leave;
  which.post([&entered, left = leave.get_future().share()] {
    entered.set_value();
    left.wait();
  });
  entered.get_future().wait();
  body();
  leave.set_value();
}

} // namespace

TEST_CASE("a lean actor starts, runs and ends on its reactor, whoever sends") {
  probes p;
  const auto one = p.spawn(1);
  caf::anon_send(one, caf::put_atom_v, std::string{"hello"});
  REQUIRE(p.events->wait_for("hello"));
  CHECK(p.kill(one) == "killed");
  CHECK(p.events->text() == "started hello ended");
}

TEST_CASE("a lean actor takes messages in the order they were sent") {
  probes p;
  const auto one = p.spawn(0);
  while_busy(p.pool[0], [&] {
    for (const char* text : {"a", "b", "c", "d"})
      caf::anon_send(one, caf::put_atom_v, std::string{text});
  });
  REQUIRE(p.events->wait_for("d"));
  CHECK(p.events->text() == "started a b c d");
  p.kill(one);
}

TEST_CASE("an urgent message to a lean actor passes those that wait") {
  probes p;
  const auto one = p.spawn(0);
  REQUIRE(p.events->wait_for("started"));
  while_busy(p.pool[0], [&] {
    caf::anon_send(one, caf::put_atom_v, std::string{"a"});
    caf::anon_send(one, caf::put_atom_v, std::string{"b"});
    caf::anon_send<caf::message_priority::high>(one, caf::put_atom_v,
                                                std::string{"urgent"});
  });
  REQUIRE(p.events->wait_for("b"));
  CHECK(p.events->text() == "started urgent a b");
  p.kill(one);
}

TEST_CASE("a lean actor describes itself") {
  probes p;
  const auto one = p.spawn(1);
  p.self->request(one, 30s, describe_atom_v)
    .receive(
      [&](const actor_description& is) {
        CHECK(is.kind == "test.probe");
        CHECK(is.id == one.id());
        CHECK(is.reactor == 1);
        CHECK(is.messages_handled == 1);
        CHECK(is.mailbox_size == 0);
        REQUIRE(is.state.size() == 1);
        CHECK(is.state[0].value == "fine");
      },
      [](const caf::error& why) { FAIL(caf::to_string(why)); });
  p.kill(one);
}

TEST_CASE("a lean actor's request is answered on its own thread") {
  probes p;
  const auto one = p.spawn(0);
  const auto adder = p.system.spawn(
    [](adder_actor::pointer) -> adder_actor::behavior_type {
      return {[](caf::add_atom, int a, int b) { return a + b; }};
    });
  caf::anon_send(one, caf::get_atom_v,
                 caf::actor_cast<caf::strong_actor_ptr>(adder));
  CHECK(p.events->wait_for("sum=42"));
  CHECK(p.events->text() == "started asked sum=42");
  p.kill(one);
}

TEST_CASE("a lean actor's request without an answer, to nobody, to the dead "
          "or with another answer fails") {
  probes p;
  const auto one = p.spawn(0);
  caf::sec expected{};
  SUBCASE("without an answer") {
    expected = caf::sec::request_timeout;
    const auto silent = p.system.spawn([](caf::event_based_actor* self) {
      self->set_default_handler(
        [](caf::scheduled_actor*, caf::message&) -> caf::skippable_result {
          return caf::skip;
        });
      return caf::behavior{[](caf::ok_atom) {}};
    });
    caf::anon_send(one, caf::get_atom_v,
                   caf::actor_cast<caf::strong_actor_ptr>(silent));
    CHECK(p.events->wait_for(to_string(caf::make_error(expected))));
    p.self->send_exit(silent, caf::exit_reason::kill);
  }
  SUBCASE("to nobody") {
    expected = caf::sec::invalid_argument;
    caf::anon_send(one, caf::get_atom_v, caf::strong_actor_ptr{});
  }
  SUBCASE("to the dead") {
    expected = caf::sec::request_receiver_down;
    const auto dead = p.spawn(1);
    p.kill(dead);
    p.events->clear();
    caf::anon_send(one, caf::get_atom_v,
                   caf::actor_cast<caf::strong_actor_ptr>(dead));
  }
  SUBCASE("with another answer") {
    expected = caf::sec::unexpected_response;
    const auto other = p.system.spawn([]() -> caf::behavior {
      return {[](caf::add_atom, int, int) { return std::string{"many"}; }};
    });
    caf::anon_send(one, caf::get_atom_v,
                   caf::actor_cast<caf::strong_actor_ptr>(other));
  }
  CHECK(p.events->wait_for(to_string(caf::make_error(expected))));
  p.kill(one);
}

TEST_CASE("a lean actor is called later, never at once") {
  probes p;
  const auto one = p.spawn(0);
  caf::anon_send(one, caf::tick_atom_v);
  REQUIRE(p.events->wait_for("then"));
  CHECK(p.events->text() == "started ticked now then");
  p.kill(one);
}

TEST_CASE("an exception ends a lean actor alone, with its text") {
  probes p;
  const auto other = p.spawn(0);
  SUBCASE("in a message") {
    const auto one = p.spawn(0);
    caf::anon_send(one, caf::close_atom_v);
    CHECK(p.end_of(one) == "bad message");
  }
  SUBCASE("at its start") {
    const auto one = p.spawn(0, true);
    CHECK(p.end_of(one) == "bad start");
  }
  p.events->clear();
  caf::anon_send(other, caf::put_atom_v, std::string{"alive"});
  CHECK(p.events->wait_for("alive"));
  p.kill(other);
}

TEST_CASE("a lean actor ends normally by its own wish and as told by an exit "
          "message") {
  probes p;
  const auto one = p.spawn(0);
  caf::anon_send(one, caf::leave_atom_v);
  CHECK(p.end_of(one) == "normal");
  const auto two = p.spawn(0);
  caf::anon_send_exit(two, caf::exit_reason::user_shutdown);
  CHECK(p.end_of(two) == "caf::exit_reason::user_shutdown");
}

TEST_CASE("who asks a lean actor what it does not know, or when it ends or has "
          "ended, is told so") {
  probes p;
  const auto one = p.spawn(0);
  REQUIRE(p.events->wait_for("started"));
  caf::error odd;
  caf::error late;
  p.self->request(caf::actor_cast<caf::actor>(one), 30s, caf::ok_atom_v)
    .receive([] { FAIL("understood"); },
             [&](const caf::error& why) { odd = why; });
  CHECK(odd == caf::sec::unexpected_message);
  while_busy(p.pool[0], [&] {
    caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
    p.system.spawn([one, events = p.events](caf::event_based_actor* self) {
      self->request(one, 30s, describe_atom_v)
        .then([](const actor_description&) {},
              [events](const caf::error&) { events->add("bounced"); });
    });
  });
  CHECK(p.events->wait_for("ended"));
  CHECK(p.events->wait_for("bounced"));
  p.self->request(one, 30s, describe_atom_v)
    .receive([](const actor_description&) { FAIL("alive"); },
             [&](const caf::error& why) { late = why; });
  CHECK(late);
}

TEST_CASE("the reactor counts the lean actors that are alive on it") {
  probes p;
  const auto one = p.spawn(1);
  CHECK(p.pool[1].counters().actors_alive == 1);
  p.kill(one);
  std::promise<void> passed;
  p.pool[1].post([&] { passed.set_value(); });
  passed.get_future().wait();
  CHECK(p.pool[1].counters().actors_alive == 0);
}

TEST_CASE("a lean actor that its reactor never ran lets go of what it owns") {
  const auto events = std::make_shared<event_log>();
  {
    runtime_fixture fixture{1};
    fixture.pool[0].stop();
    spawn_lean<probe_actor, probe>(fixture.pool[0], events);
  }
  CHECK(events->text() == "ended-elsewhere");
}

TEST_CASE("a lean actor without a client's state takes at most 320 bytes") {
  CHECK(sizeof(lean_actor) <= 320);
}

} // namespace lean_actor_test
