#include "actors/runtime/supervisor.hpp"

#include "test/support/runtime_family.hpp"

#include <doctest/doctest.h>

#include <future>
#include <memory>
#include <stdexcept>
#include <string>

namespace supervisor_test {

using namespace std::chrono_literals;
using namespace hetzel::runtime;
using hetzel::test::runtime_family;

TEST_CASE("a supervisor starts its children in order and stops them in reverse "
          "order") {
  runtime_family f;
  f.start(f.spec(restart_strategy::one_for_one, "abc"));
  CHECK(f.events->text() == "+a +b +c");
  f.events->clear();
  CHECK(f.stop(f.supervisor) == caf::exit_reason::user_shutdown);
  CHECK(f.events->text() == "-c -b -a");
  f.supervisor = nullptr;
}

TEST_CASE("an exception ends one actor, and its supervisor starts it again") {
  runtime_family f;
  f.start(f.spec(restart_strategy::one_for_one, "ab"));
  const auto before = f.lookup("a");
  f.events->clear();
  caf::anon_send(before, caf::tick_atom_v, "boom");
  REQUIRE(f.events->wait_for("+a"));
  CHECK(f.events->text() == "-a +a");
  CHECK(f.lookup("a") != before);
  const auto list = f.children();
  REQUIRE(list.size() == 2);
  CHECK(list[0].last_failure == "boom");
  CHECK(list[0].restarts == 1);
  CHECK(list[0].kind == "test.fragile");
  CHECK(list[1].restarts == 0);
}

TEST_CASE("a restarted actor tells its parent, restarts and last failure") {
  runtime_family f;
  f.start(f.spec(restart_strategy::one_for_one, "a"));
  f.events->clear();
  caf::anon_send(f.lookup("a"), caf::tick_atom_v, "boom");
  REQUIRE(f.events->wait_for("+a"));
  f.self->request(f.lookup("a"), 30s, describe_atom_v)
    .receive(
      [&](const actor_description& is) {
        CHECK(is.kind == "test.fragile");
        CHECK(is.parent == f.supervisor->id());
        CHECK(is.reactor == 0);
        CHECK(is.restarts == 1);
        CHECK(is.last_failure == "boom");
        CHECK(is.messages_handled == 2); // asked whether it is ready, and this
        REQUIRE(is.state.size() == 1);
        CHECK(is.state[0].value == "a");
      },
      [](const caf::error& why) { FAIL(to_string(why)); });
}

TEST_CASE("killing a child restarts the ones its strategy says") {
  struct row {
    restart_strategy strategy;
    const char* events;
  };
  const row rows[] = {
    {restart_strategy::one_for_one, "-b +b"},
    {restart_strategy::one_for_all, "-b -c -a +a +b +c"},
    {restart_strategy::rest_for_one, "-b -c +b +c"},
  };
  for (const row& one : rows) {
    runtime_family f;
    f.start(f.spec(one.strategy, "abc"));
    const auto victim = f.lookup("b");
    f.events->clear();
    caf::anon_send_exit(victim, caf::exit_reason::kill);
    REQUIRE(f.events->wait_for("+b"));
    // Answered when the restart is through.
    CHECK(!f.ask(started_atom_v));
    CHECK(f.events->text() == one.events);
  }
}

TEST_CASE("a transient child that ends normally stays away, an abnormal end "
          "brings it back") {
  runtime_family f;
  auto spec = f.spec(restart_strategy::one_for_one, "ab");
  spec.children[0].restart = restart_policy::transient;
  f.start(std::move(spec));
  f.events->clear();
  caf::anon_send(f.lookup("a"), caf::tick_atom_v, "boom");
  REQUIRE(f.events->wait_for("+a"));
  const auto second_life = f.lookup("a");
  caf::anon_send(second_life, caf::close_atom_v);
  CHECK(!f.wait_for_end(second_life));
  // The supervisor may learn of it after us.
  while (f.children()[0].state != child_state::stopped)
    ;
  CHECK(f.ask_for_handle(lookup_child_atom_v, std::string{"a"})
        == supervision_errc::child_not_running);
  CHECK(f.events->text() == "-a +a -a");
}

TEST_CASE("a child that ignores the order to stop is killed after its "
          "deadline") {
  runtime_family f;
  auto spec = f.spec(restart_strategy::one_for_one, "a");
  spec.children.push_back(f.child("b", {.ignores_shutdown = true}));
  spec.children[1].shutdown_deadline = 10ms;
  f.start(std::move(spec));
  f.events->clear();
  CHECK(f.stop(f.supervisor) == caf::exit_reason::user_shutdown);
  f.supervisor = nullptr;
  CHECK(f.events->text() == "asked -b -a");
}

TEST_CASE("a child that hangs is given up, and does not keep its supervisor "
          "from ending") {
  runtime_family f{1};
  std::promise<void> release;
  {
    auto spec = f.spec(restart_strategy::one_for_one, "");
    spec.kill_deadline = 10ms;
    spec.children.push_back(
      f.child("a", {.hangs_until = release.get_future().share()}));
    spec.children[0].shutdown_deadline = 10ms;
    f.start(std::move(spec));
  }
  caf::anon_send(f.lookup("a"), caf::tick_atom_v, "late");
  CHECK(f.stop(f.supervisor) == caf::exit_reason::user_shutdown);
  f.supervisor = nullptr;
  CHECK(f.events->text() == "+a");
  release.set_value();
  CHECK(f.events->wait_for("-a"));
}

TEST_CASE("too many restarts end the supervisor with its child's failure") {
  runtime_family f;
  auto spec = f.spec(restart_strategy::one_for_one, "ab");
  spec.intensity = {.restarts_max = 1, .period = 1h};
  f.start(std::move(spec));
  f.events->clear();
  caf::anon_send(f.lookup("b"), caf::tick_atom_v, "first");
  REQUIRE(f.events->wait_for("+b"));
  caf::anon_send(f.lookup("b"), caf::tick_atom_v, "second");
  const auto reason = f.wait_for_end(f.supervisor);
  f.supervisor = nullptr;
  CHECK(reason == supervision_errc::restarts_exceeded);
  CHECK(failure_text(reason).find("b: second") != std::string::npos);
  CHECK(f.events->text() == "-b +b -b -a");
}

TEST_CASE("a child whose first start fails rolls the others back") {
  runtime_family f;
  auto spec = f.spec(restart_strategy::one_for_one, "ab");
  spec.children.push_back(f.child("c", {.fails_at_start = true}));
  auto supervisor = spawn_supervisor(f.system, std::move(spec));
  caf::error answer;
  f.self->request(supervisor, 30s, started_atom_v)
    .receive([] {}, [&](const caf::error& why) { answer = why; });
  CHECK((answer == supervision_errc::start_failed
         || answer == caf::sec::request_receiver_down));
  const auto reason = f.wait_for_end(supervisor);
  CHECK(reason == supervision_errc::start_failed);
  CHECK(failure_text(reason).find("no luck") != std::string::npos);
  REQUIRE(f.events->wait_for("-a"));
  CHECK(f.events->text() == "+a +b -c -b -a");
}

TEST_CASE("killing a supervisor kills its children, and its parent starts it "
          "again with new ones") {
  runtime_family f;
  auto inner = f.spec(restart_strategy::one_for_one, "ab");
  inner.name = "inner";
  supervisor_spec outer{.name = "outer",
                        .strategy = restart_strategy::one_for_one,
                        .intensity = {},
                        .children = {}};
  outer.children.push_back(supervisor_child(f.system, std::move(inner)));
  f.start(std::move(outer));
  CHECK(f.events->text() == "+a +b");
  const auto victim = f.children()[0].actor;
  caf::anon_send_exit(victim, caf::exit_reason::kill);
  REQUIRE(f.events->wait_for("+b", 2));
  REQUIRE(f.events->wait_for("-a"));
  REQUIRE(f.events->wait_for("-b"));
  CHECK(!f.ask(started_atom_v));
  CHECK(f.children()[0].restarts == 1);
}

TEST_CASE("children can be added, terminated, restarted and deleted at run "
          "time") {
  runtime_family f;
  f.start(f.spec(restart_strategy::one_for_one, "a"));
  const auto fresh = std::make_shared<const child_spec>(f.child("b"));
  const std::string b = "b";
  CHECK(!f.ask_for_handle(start_child_atom_v, fresh));
  CHECK(f.ask_for_handle(start_child_atom_v, fresh)
        == supervision_errc::name_taken);
  CHECK(f.ask(delete_child_atom_v, b) == supervision_errc::child_not_stopped);
  CHECK(f.ask_for_handle(restart_child_atom_v, b)
        == supervision_errc::child_not_stopped);
  CHECK(!f.ask(terminate_child_atom_v, b));
  CHECK(f.ask_for_handle(lookup_child_atom_v, b)
        == supervision_errc::child_not_running);
  CHECK(!f.ask_for_handle(restart_child_atom_v, b));
  CHECK(f.lookup("b"));
  CHECK(!f.ask(terminate_child_atom_v, b));
  CHECK(!f.ask(delete_child_atom_v, b));
  CHECK(f.ask_for_handle(lookup_child_atom_v, b)
        == supervision_errc::unknown_child);
  CHECK(f.events->text() == "+a +b -b +b -b");
}

TEST_CASE("an added child that does not come up is reported with its reason "
          "and forgotten") {
  runtime_family f;
  f.start(f.spec(restart_strategy::one_for_one, "a"));
  const auto fresh = std::make_shared<const child_spec>(
    f.child("b", {.fails_at_start = true}));
  const auto why = f.ask_for_handle(start_child_atom_v, fresh);
  CHECK(why == supervision_errc::start_failed);
  CHECK(failure_text(why).find("no luck") != std::string::npos);
  CHECK(f.children().size() == 1);
}

TEST_CASE("a start function that throws or spawns nothing is a failed start") {
  runtime_family f;
  f.start(f.spec(restart_strategy::one_for_one, ""));
  auto spec = f.child("a");
  spec.start = []() -> caf::strong_actor_ptr {
    throw std::runtime_error{"port taken"};
  };
  const auto throwing
    = f.ask_for_handle(start_child_atom_v,
                       std::make_shared<const child_spec>(spec));
  CHECK(failure_text(throwing).find("port taken") != std::string::npos);
  spec.start = [] { return caf::strong_actor_ptr{}; };
  CHECK(f.ask_for_handle(start_child_atom_v,
                         std::make_shared<const child_spec>(spec))
        == supervision_errc::start_failed);
}

TEST_CASE("a supervisor can be pinned to a reactor") {
  runtime_family f;
  f.supervisor
    = spawn_supervisor(f.pool[0], f.spec(restart_strategy::one_for_all, "ab"));
  CHECK(!f.ask(started_atom_v));
  f.self->request(f.supervisor, 30s, describe_atom_v)
    .receive([](const actor_description& is) { CHECK(is.reactor == 0); },
             [](const caf::error& why) { FAIL(to_string(why)); });
}

} // namespace supervisor_test
