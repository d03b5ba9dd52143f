#include "actors/runtime/introspection.hpp"

#include "test/support/runtime_fixture.hpp"

#include <doctest/doctest.h>

#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <stdexcept>

namespace introspection_test {

using namespace std::chrono_literals;
using namespace hetzel::runtime;
using hetzel::test::runtime_fixture;

namespace {

class loose_state {
public:
  static inline const char* name = "test.loose";

  explicit loose_state(introspected<introspectable::impl>* self)
    : self_(self) {}

  introspectable::behavior_type make_behavior() {
    return {describing(self_, [] {
      return state_entries{{"first", "1"}, {"second", "2"}};
    })};
  }

private:
  introspected<introspectable::impl>* self_;
};

using loose_actor
  = caf::stateful_actor<loose_state, introspected<introspectable::impl>>;

actor_description describe(runtime_fixture& here, const introspectable& who) {
  actor_description result;
  caf::scoped_actor self{here.system};
  self->request(who, 30s, describe_atom_v)
    .receive([&](actor_description& answer) { result = std::move(answer); },
             [](const caf::error& why) { FAIL(to_string(why)); });
  return result;
}

} // namespace

TEST_CASE("actors on CAF's scheduler and detached ones describe themselves "
          "without a reactor") {
  runtime_fixture here;
  const introspectable actors[] = {
    here.system.spawn<loose_actor>(),
    here.system.spawn<loose_actor, caf::detached>(),
  };
  for (const auto& actor : actors) {
    const auto is = describe(here, actor);
    CHECK(is.kind == "test.loose");
    CHECK(is.id == actor->id());
    CHECK(!is.reactor);
    CHECK(is.messages_handled == 1);
    REQUIRE(is.state.size() == 2);
    CHECK(is.state[1].key == "second");
    CHECK(is.state[1].value == "2");
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  }
}

TEST_CASE("an actor knows the innermost scope it was spawned in") {
  runtime_fixture here;
  introspectable inner;
  introspectable outer;
  {
    const spawning_scope one{7};
    {
      const spawning_scope two{8, 3, "why"};
      inner = here.system.spawn<loose_actor>();
    }
    outer = here.system.spawn<loose_actor>();
  }
  const auto none = here.system.spawn<loose_actor>();
  CHECK(describe(here, inner).parent == 8);
  CHECK(describe(here, inner).restarts == 3);
  CHECK(describe(here, inner).last_failure == "why");
  CHECK(describe(here, outer).parent == 7);
  CHECK(describe(here, none).parent == 0);
  for (const auto& actor : {inner, outer, introspectable{none}})
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

TEST_CASE("what is not an actor's message is refused without an end") {
  runtime_fixture here;
  const auto actor = here.system.spawn<loose_actor>();
  caf::scoped_actor self{here.system};
  self->request(caf::actor_cast<caf::actor>(actor), 30s, 42)
    .receive([] { FAIL("was handled"); },
             [](const caf::error& why) {
               CHECK(why == caf::sec::unexpected_message);
             });
  CHECK(describe(here, actor).messages_handled == 2);
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

TEST_CASE("a failure's text is what a person wants to read") {
  CHECK(failure_text(caf::make_error(caf::sec::runtime_error, "disk full"))
        == "disk full");
  CHECK(failure_text(caf::exit_reason::kill) == "killed");
  CHECK(!failure_text(caf::sec::request_timeout).empty());
}

} // namespace introspection_test
