#include "actors/runtime/supervisor.hpp"

#include "actors/runtime/pinned.hpp"
#include "test/support/event_log.hpp"
#include "test/support/runtime_fixture.hpp"

#include <doctest/doctest.h>

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <future>
#include <memory>
#include <stdexcept>
#include <string>

using namespace std::chrono_literals;
using namespace hetzel::runtime;
using hetzel::test::event_log;
using hetzel::test::runtime_fixture;

namespace {

/// Fails with the text it is told, or ends.
using fragile_actor
  = introspectable::extend<caf::result<void>(caf::tick_atom, std::string),
                           caf::result<void>(caf::close_atom)>;

struct habits {
  bool fails_at_start = false;
  bool ignores_shutdown = false;
  std::shared_future<void> hangs_until; ///< in its handler of `tick`
};

class fragile_state {
public:
  static inline const char* name = "test.fragile";

  fragile_state(pinned_pointer<fragile_actor> self, std::string id,
                std::shared_ptr<event_log> events, habits how)
    : self_(self),
      id_(std::move(id)),
      events_(std::move(events)),
      habits_(std::move(how)) {}

  ~fragile_state() { events_->add("-" + id_); }

  fragile_actor::behavior_type make_behavior() {
    if (habits_.fails_at_start)
      throw std::runtime_error{"no luck"};
    if (habits_.ignores_shutdown)
      self_->set_exit_handler([](caf::exit_msg&) {});
    return {
      describing(self_,
                 [this] { return state_entries{{"label", id_}}; }),
      [this](caf::tick_atom, const std::string& text) {
        if (habits_.hangs_until.valid())
          habits_.hangs_until.wait();
        throw std::runtime_error{text};
      },
      [this](caf::close_atom) { self_->quit(); },
    };
  }

private:
  pinned_pointer<fragile_actor> self_;
  std::string id_;
  std::shared_ptr<event_log> events_;
  habits habits_;
};

/// A fixture with one supervisor of children named a, b, c …
struct family : runtime_fixture {
  explicit family(std::size_t reactors = 1) : runtime_fixture(reactors) {}

  ~family() {
    if (supervisor)
      static_cast<void>(stop(supervisor));
  }

  child_spec child(const std::string& id, habits how = {}) {
    child_spec result;
    result.name = id;
    result.start = [this, id, how] {
      return caf::actor_cast<caf::strong_actor_ptr>(
        spawn_pinned<fragile_actor, fragile_state>(pool[0], id, events, how));
    };
    result.on_started = [this, id](const caf::strong_actor_ptr&) {
      events->add("+" + id);
    };
    return result;
  }

  supervisor_spec spec(restart_strategy strategy, const std::string& ids) {
    supervisor_spec result{.name = "family",
                           .strategy = strategy,
                           .intensity = {},
                           .children = {}};
    for (const char id : ids)
      result.children.push_back(child(std::string(1, id)));
    return result;
  }

  void start(supervisor_spec what) {
    supervisor = spawn_supervisor(system, std::move(what));
    self->request(supervisor, 30s, started_atom_v)
      .receive([] {}, [](const caf::error& why) { FAIL(to_string(why)); });
  }

  template <class Handle>
  caf::error wait_for_end(const Handle& actor) {
    caf::error reason;
    self->monitor(actor);
    self->receive(
      [&](const caf::down_msg& message) { reason = message.reason; });
    return reason;
  }

  template <class Handle>
  caf::error stop(const Handle& actor) {
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    return wait_for_end(actor);
  }

  fragile_actor lookup(const std::string& id) {
    caf::strong_actor_ptr result;
    self->request(supervisor, 30s, lookup_child_atom_v, id)
      .receive([&](const caf::strong_actor_ptr& found) { result = found; },
               [](const caf::error& why) { FAIL(to_string(why)); });
    return caf::actor_cast<fragile_actor>(result);
  }

  /// What the request failed with; empty: it did not.
  template <class... Message>
  caf::error ask(Message... message) {
    caf::error result;
    self->request(caf::actor_cast<caf::actor>(supervisor), 30s, message...)
      .receive([] {}, [&](const caf::error& why) { result = why; });
    return result;
  }

  template <class... Message>
  caf::error ask_for_handle(Message... message) {
    caf::error result;
    self->request(caf::actor_cast<caf::actor>(supervisor), 30s, message...)
      .receive([](const caf::strong_actor_ptr&) {},
               [&](const caf::error& why) { result = why; });
    return result;
  }

  std::vector<child_listing> children() {
    std::vector<child_listing> result;
    self->request(supervisor, 30s, children_atom_v)
      .receive([&](std::vector<child_listing>& list) { result = list; },
               [](const caf::error& why) { FAIL(to_string(why)); });
    return result;
  }

  std::shared_ptr<event_log> events = std::make_shared<event_log>();
  caf::scoped_actor self{system};
  supervisor_actor supervisor;
};

} // namespace

TEST_CASE("a supervisor starts its children in order and stops them in reverse "
          "order") {
  family f;
  f.start(f.spec(restart_strategy::one_for_one, "abc"));
  CHECK(f.events->text() == "+a +b +c");
  f.events->clear();
  CHECK(f.stop(f.supervisor) == caf::exit_reason::user_shutdown);
  CHECK(f.events->text() == "-c -b -a");
  f.supervisor = nullptr;
}

TEST_CASE("an exception ends one actor, and its supervisor starts it again") {
  family f;
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
  family f;
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
    family f;
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
  family f;
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
  family f;
  auto spec = f.spec(restart_strategy::one_for_one, "a");
  spec.children.push_back(f.child("b", {.fails_at_start = false,
                                        .ignores_shutdown = true,
                                        .hangs_until = {}}));
  spec.children[1].shutdown_deadline = 10ms;
  f.start(std::move(spec));
  f.events->clear();
  CHECK(f.stop(f.supervisor) == caf::exit_reason::user_shutdown);
  f.supervisor = nullptr;
  CHECK(f.events->text() == "-b -a");
}

TEST_CASE("a child that hangs is given up, and does not keep its supervisor "
          "from ending") {
  family f{1};
  std::promise<void> release;
  {
    auto spec = f.spec(restart_strategy::one_for_one, "");
    spec.kill_deadline = 10ms;
    spec.children.push_back(
      f.child("a", {.fails_at_start = false,
                    .ignores_shutdown = false,
                    .hangs_until = release.get_future().share()}));
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
  family f;
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
  family f;
  auto spec = f.spec(restart_strategy::one_for_one, "ab");
  spec.children.push_back(f.child("c", {.fails_at_start = true,
                                        .ignores_shutdown = false,
                                        .hangs_until = {}}));
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
  family f;
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
  family f;
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
  family f;
  f.start(f.spec(restart_strategy::one_for_one, "a"));
  const auto fresh = std::make_shared<const child_spec>(
    f.child("b", {.fails_at_start = true,
                  .ignores_shutdown = false,
                  .hangs_until = {}}));
  const auto why = f.ask_for_handle(start_child_atom_v, fresh);
  CHECK(why == supervision_errc::start_failed);
  CHECK(failure_text(why).find("no luck") != std::string::npos);
  CHECK(f.children().size() == 1);
}

TEST_CASE("a start function that throws or spawns nothing is a failed start") {
  family f;
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
  family f;
  f.supervisor
    = spawn_supervisor(f.pool[0], f.spec(restart_strategy::one_for_all, "ab"));
  CHECK(!f.ask(started_atom_v));
  f.self->request(f.supervisor, 30s, describe_atom_v)
    .receive([](const actor_description& is) { CHECK(is.reactor == 0); },
             [](const caf::error& why) { FAIL(to_string(why)); });
}
