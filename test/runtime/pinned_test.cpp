#include "actors/runtime/pinned.hpp"

#include "test/support/runtime_fixture.hpp"

#include <doctest/doctest.h>

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <future>
#include <stdexcept>

using namespace std::chrono_literals;
using namespace hetzel::runtime;
using hetzel::test::runtime_fixture;

namespace {

using adder_actor
  = introspectable::extend<caf::result<int>(caf::add_atom, int, int)>;

class adder_state {
public:
  static inline const char* name = "test.adder";

  explicit adder_state(pinned_pointer<adder_actor> self) : self_(self) {}

  adder_actor::behavior_type make_behavior() {
    return {
      describing(self_),
      [this](caf::add_atom, int a, int b) {
        if (reactor::current() != &self_->home())
          throw std::logic_error{"wrong thread"};
        if (a < 0)
          throw std::invalid_argument{"a is negative"};
        return a + b;
      },
    };
  }

private:
  pinned_pointer<adder_actor> self_;
};

} // namespace

TEST_CASE("a pinned actor answers requests of any thread on its reactor") {
  runtime_fixture here{2};
  auto adder = spawn_pinned<adder_actor, adder_state>(here.pool[1]);
  caf::scoped_actor self{here.system};
  int sum = 0;
  self->request(adder, 10s, caf::add_atom_v, 1, 2)
    .receive([&](int result) { sum = result; },
             [](const caf::error& why) { FAIL(caf::to_string(why)); });
  CHECK(sum == 3);
  self->send_exit(adder, caf::exit_reason::user_shutdown);
}
