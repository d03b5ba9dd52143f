#include "actors/runtime/exit_messages.hpp"

#include "test/support/runtime_family.hpp"

#include <doctest/doctest.h>

#include <caf/sec.hpp>

#include <future>
#include <string>

namespace exit_messages_test {

using namespace hetzel::runtime;
using hetzel::test::runtime_family;

TEST_CASE("a kill ends an actor before anything else that waits, and cannot be "
          "refused") {
  runtime_family f;
  auto spec = f.spec(restart_strategy::one_for_one, "");
  spec.children.push_back(f.child("a", {.ignores_shutdown = true}));
  spec.children[0].restart = restart_policy::temporary;
  f.start(std::move(spec));
  const auto victim = f.lookup("a");
  f.self->monitor(victim);
  // They wait together: the reactor is busy.
  std::promise<void> go_on;
  f.pool[0].post([&] { go_on.get_future().wait(); });
  caf::anon_send(victim, caf::tick_atom_v, "too late");
  send_kill(*f.self, caf::actor_cast<caf::strong_actor_ptr>(victim));
  go_on.set_value();
  f.self->receive([](const caf::down_msg& message) {
    CHECK(message.reason == caf::exit_reason::kill);
  });
}

TEST_CASE("ends that were ordered or are of one's own choice are normal, all "
          "others are not") {
  CHECK_FALSE(is_abnormal({}));
  CHECK_FALSE(is_abnormal(caf::exit_reason::user_shutdown));
  CHECK(is_abnormal(caf::exit_reason::kill));
  CHECK(is_abnormal(caf::exit_reason::unreachable));
  CHECK(is_abnormal(caf::make_error(caf::sec::runtime_error, "disk full")));
}

TEST_CASE("an actor of this process is known by its kind") {
  runtime_family f;
  f.start(f.spec(restart_strategy::one_for_one, "a"));
  const auto handle = caf::actor_cast<caf::strong_actor_ptr>(f.lookup("a"));
  CHECK(std::string{kind_of(handle)} == "test.fragile");
}

} // namespace exit_messages_test
