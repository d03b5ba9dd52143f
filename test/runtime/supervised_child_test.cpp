#include "actors/runtime/supervised_child.hpp"

#include "actors/runtime/pinned.hpp"
#include "test/support/runtime_family.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace supervised_child_test {

using namespace std::chrono_literals;
using namespace hetzel::runtime;
using hetzel::test::event_log;
using hetzel::test::runtime_family;

namespace {

/// Says that it is ready when it is told to be, with `tick`.
using slow_actor
  = introspectable::extend<caf::result<void>(started_atom),
                           caf::result<void>(caf::tick_atom)>;

class slow_state {
public:
  static inline const char* name = "test.slow";

  slow_state(pinned_pointer<slow_actor> self,
             std::shared_ptr<event_log> events)
    : self_(self), events_(std::move(events)) {}

  ~slow_state() { events_->add("-slow"); }

  slow_actor::behavior_type make_behavior() {
    return {
      describing(self_),
      [this](started_atom) {
        events_->add("asked");
        promise_ = self_->make_response_promise<void>();
        return promise_;
      },
      [this](caf::tick_atom) { promise_.deliver(); },
    };
  }

private:
  pinned_pointer<slow_actor> self_;
  std::shared_ptr<event_log> events_;
  caf::typed_response_promise<void> promise_;
};

/// `spawned` is its handle, from the start function on.
child_spec slow_child(runtime_family& f, slow_actor& spawned) {
  child_spec result;
  result.name = "slow";
  result.confirms_start = true;
  result.start = [&] {
    spawned = spawn_pinned<slow_actor, slow_state>(f.pool[0], f.events);
    return caf::actor_cast<caf::strong_actor_ptr>(spawned);
  };
  result.on_started = [&](const caf::strong_actor_ptr&) {
    f.events->add("+slow");
  };
  return result;
}

supervisor_spec empty_spec(std::string name) {
  return {.name = std::move(name),
          .strategy = restart_strategy::one_for_one,
          .intensity = {},
          .children = {}};
}

} // namespace

// -- start --------------------------------------------------------------------

TEST_CASE("a child that confirms its start holds up those after it until it "
          "has") {
  runtime_family f;
  slow_actor slow;
  auto spec = empty_spec("family");
  spec.children.push_back(slow_child(f, slow));
  spec.children.push_back(f.child("b"));
  f.supervisor = spawn_supervisor(f.system, std::move(spec));
  REQUIRE(f.events->wait_for("asked"));
  // The supervisor has had a turn since, and started nobody else.
  CHECK(f.children()[1].state == child_state::stopped);
  CHECK(f.children()[0].state == child_state::starting);
  caf::anon_send(slow, caf::tick_atom_v);
  CHECK(!f.ask(started_atom_v));
  CHECK(f.events->text() == "asked +slow +b");
  slow = nullptr;
}

TEST_CASE("a child that is not ready by its deadline is killed, and its start "
          "has failed") {
  runtime_family f;
  slow_actor slow;
  auto spec = f.spec(restart_strategy::one_for_one, "a");
  spec.children.push_back(slow_child(f, slow));
  spec.children[1].start_deadline = 10ms;
  const auto supervisor = spawn_supervisor(f.system, std::move(spec));
  const auto reason = f.wait_for_end(supervisor);
  CHECK(reason == supervision_errc::start_failed);
  CHECK(failure_text(reason).find("did not become ready in time")
        != std::string::npos);
  REQUIRE(f.events->wait_for("-a"));
  CHECK(f.events->text() == "+a asked -slow -a");
  slow = nullptr;
}

TEST_CASE("an order to stop while a child starts does not wait for it to be "
          "ready") {
  runtime_family f;
  slow_actor slow;
  auto spec = f.spec(restart_strategy::one_for_one, "a");
  spec.children.push_back(slow_child(f, slow));
  f.supervisor = spawn_supervisor(f.system, std::move(spec));
  REQUIRE(f.events->wait_for("asked"));
  CHECK(f.stop(f.supervisor) == caf::exit_reason::user_shutdown);
  f.supervisor = nullptr;
  CHECK(f.events->text() == "+a asked -slow -a");
  slow = nullptr;
}

TEST_CASE("on_started is told the handle of each life, the one that others are "
          "given") {
  runtime_family f;
  auto spec = f.spec(restart_strategy::one_for_one, "a");
  std::vector<caf::strong_actor_ptr> lives;
  spec.children[0].on_started = [&](const caf::strong_actor_ptr& actor) {
    lives.push_back(actor);
    f.events->add("ready");
  };
  f.start(std::move(spec));
  const auto first = f.lookup("a");
  caf::anon_send(first, caf::tick_atom_v, "boom");
  REQUIRE(f.events->wait_for("ready", 2));
  const auto second = f.lookup("a");
  CHECK(f.stop(f.supervisor) == caf::exit_reason::user_shutdown);
  f.supervisor = nullptr;
  REQUIRE(lives.size() == 2);
  CHECK(lives[0] == caf::actor_cast<caf::strong_actor_ptr>(first));
  CHECK(lives[1] == caf::actor_cast<caf::strong_actor_ptr>(second));
  CHECK(lives[0] != lives[1]);
}

// -- end ----------------------------------------------------------------------

TEST_CASE("a child without a deadline to stop is killed unasked") {
  runtime_family f;
  auto spec = f.spec(restart_strategy::one_for_one, "a");
  spec.children.push_back(f.child("b", {.ignores_shutdown = true}));
  spec.children[1].shutdown_deadline = std::nullopt;
  f.start(std::move(spec));
  f.events->clear();
  CHECK(f.stop(f.supervisor) == caf::exit_reason::user_shutdown);
  f.supervisor = nullptr;
  CHECK(f.events->text() == "-b -a");
}

TEST_CASE("a child is given its deadline before it is killed") {
  runtime_family f;
  auto spec = f.spec(restart_strategy::one_for_one, "");
  spec.children.push_back(f.child("a", {.ignores_shutdown = true}));
  spec.children[0].shutdown_deadline = 80ms;
  f.start(std::move(spec));
  const auto begin = std::chrono::steady_clock::now();
  CHECK(!f.ask(terminate_child_atom_v, std::string{"a"}));
  CHECK(std::chrono::steady_clock::now() - begin >= 80ms);
  CHECK(f.events->text() == "+a asked -a");
}

TEST_CASE("a temporary child that fails is gone for good") {
  runtime_family f;
  auto spec = f.spec(restart_strategy::one_for_one, "ab");
  spec.children[0].restart = restart_policy::temporary;
  f.start(std::move(spec));
  const auto temporary = f.lookup("a");
  caf::anon_send(temporary, caf::tick_atom_v, "boom");
  CHECK(failure_text(f.wait_for_end(temporary)) == "boom");
  while (f.children().size() > 1)
    ;
  CHECK(f.children()[0].name == "b");
  CHECK(f.ask_for_handle(restart_child_atom_v, std::string{"a"})
        == supervision_errc::unknown_child);
}

// -- trees --------------------------------------------------------------------

TEST_CASE("a tree starts and stops in order across its supervisors") {
  runtime_family f;
  auto outer = empty_spec("outer");
  for (const char* ids : {"ab", "cd"}) {
    auto inner = f.spec(restart_strategy::one_for_one, ids);
    inner.name = ids;
    outer.children.push_back(supervisor_child(f.system, std::move(inner)));
  }
  f.start(std::move(outer));
  CHECK(f.events->text() == "+a +b +c +d");
  f.events->clear();
  CHECK(f.stop(f.supervisor) == caf::exit_reason::user_shutdown);
  f.supervisor = nullptr;
  CHECK(f.events->text() == "-d -c -b -a");
}

TEST_CASE("a supervisor with too many restarts is restarted by its own, "
          "whole") {
  runtime_family f;
  auto inner = f.spec(restart_strategy::one_for_one, "ab");
  inner.name = "inner";
  inner.intensity = {.restarts_max = 0, .period = 1h};
  auto outer = empty_spec("outer");
  outer.children.push_back(supervisor_child(f.system, std::move(inner)));
  outer.children.push_back(f.child("c"));
  f.start(std::move(outer));
  f.events->clear();

  const auto inner_actor
    = caf::actor_cast<supervisor_actor>(f.children()[0].actor);
  caf::strong_actor_ptr victim;
  f.self->request(inner_actor, 30s, lookup_child_atom_v, std::string{"a"})
    .receive([&](const caf::strong_actor_ptr& found) { victim = found; },
             [](const caf::error& why) { FAIL(to_string(why)); });
  caf::anon_send(caf::actor_cast<hetzel::test::fragile_actor>(victim),
                 caf::tick_atom_v, "boom");
  REQUIRE(f.events->wait_for("+b"));
  CHECK(!f.ask(started_atom_v));
  CHECK(f.events->text() == "-a -b +a +b");
  const auto list = f.children();
  CHECK(list[0].restarts == 1);
  CHECK(list[0].last_failure.find("a: boom") != std::string::npos);
  CHECK(list[1].restarts == 0);
}

TEST_CASE("a supervisor describes itself with its strategy, its children and "
          "the last failure") {
  runtime_family f;
  auto spec = f.spec(restart_strategy::rest_for_one, "abc");
  spec.intensity = {.restarts_max = 7, .period = 1min};
  f.start(std::move(spec));
  f.events->clear();
  caf::anon_send(f.lookup("c"), caf::tick_atom_v, "boom");
  REQUIRE(f.events->wait_for("+c"));
  CHECK(!f.ask(terminate_child_atom_v, std::string{"b"}));
  std::string text;
  f.self->request(f.supervisor, 30s, describe_atom_v)
    .receive(
      [&](const actor_description& is) {
        CHECK(is.kind == "runtime.supervisor");
        for (const auto& entry : is.state)
          text += entry.key + "=" + entry.value + "\n";
      },
      [](const caf::error& why) { FAIL(to_string(why)); });
  CHECK(text == "name=family\n"
                "strategy=rest_for_one\n"
                "children=3\n"
                "running=2\n"
                "restarts_max=7\n"
                "period_ms=60000\n"
                "last_child_failure=c: boom\n");
}

} // namespace supervised_child_test
