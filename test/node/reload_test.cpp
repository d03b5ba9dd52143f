#include "actors/node/config/reload.hpp"

#include "actors/node/config/text_sources.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

namespace reload_test {

using namespace hetzel::node;

namespace {

configuration with(std::initializer_list<const char*> arguments) {
  std::vector<settings_read> sources;
  for (const auto* argument : arguments)
    sources.push_back(read_argument(argument));
  auto result = resolve(sources);
  REQUIRE(result);
  return std::move(*result);
}

using names = std::vector<std::string>;

} // namespace

TEST_CASE("nothing changed, nothing to do") {
  const auto plan = plan_reload(with({"retry_interval=60"}),
                                with({"retry_interval=1m"}));
  CHECK(plan.applied.empty());
  CHECK(plan.needs_restart.empty());
}

TEST_CASE("keys that are live take their new values, back to defaults too") {
  const auto plan = plan_reload(with({"max_client_id_size=7"}),
                                with({"queue_type=lifo"}));
  CHECK(plan.applied == names{"max_client_id_size", "queue_type"});
  CHECK(plan.needs_restart.empty());
  CHECK(plan.next.values.limits.client_id_size_max == 100);
  CHECK(plan.next.values.messaging.queues.order
        == hetzel::messaging::queue_order::lifo);
}

TEST_CASE("keys that need a restart keep their values and are named each "
          "time") {
  const auto running = with({"reactors=2", "retry_interval=5"});
  const auto fresh = with({"reactors=3", "retry_interval=6"});
  const auto plan = plan_reload(running, fresh);
  CHECK(plan.applied == names{"retry_interval"});
  CHECK(plan.needs_restart == names{"reactors"});
  CHECK(plan.next.values.reactors == 2);
  const auto again = plan_reload(plan.next, fresh);
  CHECK(again.applied.empty());
  CHECK(again.needs_restart == names{"reactors"});
}

TEST_CASE("listeners come, go and move live") {
  const auto one = with({"listeners.tcp.a=127.0.0.1:1"});
  const auto two
    = with({"listeners.tcp.a=127.0.0.1:1", "listeners.tcp.b=127.0.0.1:2"});
  const auto moved = with({"listeners.tcp.a=127.0.0.1:3"});
  for (const auto& plan : {plan_reload(one, two), plan_reload(two, one),
                           plan_reload(one, moved)}) {
    CHECK(plan.needs_restart.empty());
    CHECK_FALSE(plan.applied.empty());
  }
  CHECK(plan_reload(one, two).next.values.listeners.size() == 2);
  CHECK(plan_reload(two, one).next.values.listeners.size() == 1);
  CHECK(plan_reload(one, moved).applied == names{"listeners.tcp.a.address"});
  CHECK(plan_reload(one, moved).next.values.listeners[0].port == 3);
}

} // namespace reload_test
