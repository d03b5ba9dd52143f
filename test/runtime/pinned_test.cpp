#include "actors/runtime/pinned.hpp"

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

namespace pinned_test {

using namespace std::chrono_literals;
using namespace hetzel::runtime;
using hetzel::test::event_log;
using hetzel::test::runtime_fixture;

namespace {

using log_ptr = std::shared_ptr<event_log>;

/// `add` (fails when a is negative); `get` asks `add` of another and adds one;
/// `tick` goes through CAF's clock; `put` watches someone; `close` throws from
/// an I/O handler.
using adder_actor = introspectable::extend<
  caf::result<int>(caf::add_atom, int, int),
  caf::result<int>(caf::get_atom, caf::strong_actor_ptr),
  caf::result<void>(caf::tick_atom),
  caf::result<void>(caf::put_atom, caf::strong_actor_ptr),
  caf::result<void>(caf::close_atom), caf::result<void>(caf::forward_atom)>;

/// Writes down each of its steps that ran on another thread than its own.
class adder_state {
public:
  static inline const char* name = "test.adder";

  adder_state(pinned_pointer<adder_actor> self, log_ptr events)
    : self_(self), events_(std::move(events)) {}

  ~adder_state() { note("destroyed"); }

  adder_actor::behavior_type make_behavior() {
    note("initialised");
    self_->set_down_handler([this](caf::down_msg&) { note("down"); });
    self_->set_exit_handler([this](caf::exit_msg& message) {
      note("exit");
      self_->quit(message.reason);
    });
    return {
      describing(self_),
      [this](caf::add_atom, int a, int b) { return on_add(a, b); },
      [this](caf::get_atom, const caf::strong_actor_ptr& other) {
        return on_get(other);
      },
      [this](caf::tick_atom) {
        self_->run_delayed(1ms, [this] { note("delayed"); });
      },
      [this](caf::put_atom, const caf::strong_actor_ptr& other) {
        self_->monitor(other);
        note("watching");
      },
      [this](caf::close_atom) {
        self_->home().post([this] {
          self_->guarded([] { throw std::runtime_error{"bad packet"}; });
          note("guarded");
        });
      },
      [this](caf::forward_atom) {
        self_->home().post([this] { self_->end_later(); });
      },
    };
  }

private:
  void note(const std::string& event) {
    const bool is_home = reactor::current() == &self_->home();
    events_->add(is_home ? event : event + "-elsewhere");
  }

  int on_add(int a, int b) {
    note("added");
    if (a < 0)
      throw std::invalid_argument{"a is negative"};
    return a + b;
  }

  caf::result<int> on_get(const caf::strong_actor_ptr& other) {
    auto promise = self_->make_response_promise<int>();
    self_
      ->request(caf::actor_cast<adder_actor>(other), 10ms, caf::add_atom_v, 1,
                1)
      .then(
        [this, promise](int sum) mutable {
          note("answered");
          promise.deliver(sum + 1);
        },
        [this, promise](caf::error& why) mutable {
          note("refused");
          promise.deliver(std::move(why));
        });
    return promise;
  }

  pinned_pointer<adder_actor> self_;
  log_ptr events_;
};

struct adders : runtime_fixture {
  adders() : runtime_fixture(2) {}

  adder_actor spawn(std::size_t home) {
    return spawn_pinned<adder_actor, adder_state>(pool[home], events);
  }

  void kill(const adder_actor& which) {
    caf::anon_send_exit(which, caf::exit_reason::kill);
    self->wait_for(which);
  }

  template <class... Message>
  caf::expected<int> ask(const adder_actor& which, Message... message) {
    caf::expected<int> result{0};
    self->request(which, 30s, message...)
      .receive([&](int sum) { result = sum; },
               [&](caf::error& why) { result = std::move(why); });
    return result;
  }

  log_ptr events = std::make_shared<event_log>();
  caf::scoped_actor self{system};
};

} // namespace

TEST_CASE("a pinned actor is initialised, runs and is cleaned up on its "
          "reactor, whoever sends") {
  adders a;
  const auto adder = a.spawn(1);
  CHECK(a.ask(adder, caf::add_atom_v, 1, 2) == 3);
  a.kill(adder);
  CHECK(a.events->text() == "initialised added destroyed");
}

TEST_CASE("a request between reactors is answered on the asker's thread") {
  adders a;
  const auto asker = a.spawn(0);
  const auto answerer = a.spawn(1);
  CHECK(a.ask(asker, caf::get_atom_v,
              caf::actor_cast<caf::strong_actor_ptr>(answerer))
        == 3);
  a.kill(asker);
  a.kill(answerer);
  CHECK(a.events->text().find("elsewhere") == std::string::npos);
}

TEST_CASE("a request that nobody answers times out on the asker's thread") {
  adders a;
  const auto asker = a.spawn(0);
  const auto silent = a.system.spawn([](caf::event_based_actor* self) {
    self->set_default_handler(
      [](caf::scheduled_actor*, caf::message&) -> caf::skippable_result {
        return caf::skip;
      });
    return caf::behavior{[](caf::ok_atom) {}};
  });
  CHECK(a.ask(asker, caf::get_atom_v,
              caf::actor_cast<caf::strong_actor_ptr>(silent))
        == caf::make_error(caf::sec::request_timeout));
  CHECK(a.events->text() == "initialised refused");
  a.self->send_exit(silent, caf::exit_reason::kill);
  a.kill(asker);
}

TEST_CASE("timeouts of CAF's clock run on the reactor") {
  adders a;
  const auto adder = a.spawn(0);
  caf::anon_send(adder, caf::tick_atom_v);
  CHECK(a.events->wait_for("delayed"));
  a.kill(adder);
}

TEST_CASE("down and exit messages are handled on the reactor") {
  adders a;
  const auto watcher = a.spawn(0);
  const auto watched = a.spawn(1);
  caf::anon_send(watcher, caf::put_atom_v,
                 caf::actor_cast<caf::strong_actor_ptr>(watched));
  REQUIRE(a.events->wait_for("watching"));
  caf::anon_send_exit(watched, caf::exit_reason::user_shutdown);
  CHECK(a.events->wait_for("exit"));
  CHECK(a.events->wait_for("down"));
  a.kill(watcher);
}

TEST_CASE("an exception ends the actor with its text, answers the request with "
          "it and harms no other actor") {
  adders a;
  const auto adder = a.spawn(0);
  const auto other = a.spawn(0);
  a.self->monitor(adder);
  const auto answer = a.ask(adder, caf::add_atom_v, -1, 2);
  REQUIRE(!answer);
  CHECK(failure_text(answer.error()) == "a is negative");
  a.self->receive([](const caf::down_msg& message) {
    CHECK(failure_text(message.reason) == "a is negative");
  });
  CHECK(a.ask(other, caf::add_atom_v, 1, 2) == 3);
  a.kill(other);
}

TEST_CASE("an exception in an I/O handler ends the actor that guards it") {
  adders a;
  const auto adder = a.spawn(0);
  a.self->monitor(adder);
  caf::anon_send(adder, caf::close_atom_v);
  a.self->receive([](const caf::down_msg& message) {
    CHECK(failure_text(message.reason) == "bad packet");
  });
  CHECK(a.events->text() == "initialised guarded destroyed");
}

TEST_CASE("an actor can end itself normally from an I/O handler") {
  adders a;
  const auto adder = a.spawn(0);
  a.self->monitor(adder);
  caf::anon_send(adder, caf::forward_atom_v);
  a.self->receive(
    [](const caf::down_msg& message) { CHECK(!message.reason); });
}

TEST_CASE("the reactor counts the actors that are alive on it") {
  adders a;
  const auto adder = a.spawn(1);
  CHECK(a.pool[0].counters().actors_alive == 0);
  CHECK(a.pool[1].counters().actors_alive == 1);
  a.kill(adder);
  std::promise<void> passed;
  a.pool[1].post([&] { passed.set_value(); });
  passed.get_future().wait();
  CHECK(a.pool[1].counters().actors_alive == 0);
}

TEST_CASE("a pinned actor describes itself with what it handled and its "
          "reactor") {
  adders a;
  const auto adder = a.spawn(1);
  CHECK(a.ask(adder, caf::add_atom_v, 1, 2) == 3);
  CHECK(a.ask(adder, caf::add_atom_v, 1, 2) == 3);
  a.self->request(adder, 30s, describe_atom_v)
    .receive(
      [&](const actor_description& is) {
        CHECK(is.kind == "test.adder");
        CHECK(is.id == adder->id());
        CHECK(is.parent == 0);
        CHECK(is.reactor == 1);
        CHECK(is.messages_handled == 3);
        CHECK(is.mailbox_size == 0);
        CHECK(is.age.count() > 0);
        CHECK(is.restarts == 0);
        CHECK(is.last_failure.empty());
      },
      [](const caf::error& why) { FAIL(to_string(why)); });
  a.kill(adder);
}

} // namespace pinned_test
