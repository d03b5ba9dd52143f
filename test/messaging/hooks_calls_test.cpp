#include "actors/messaging/hooks/hook_calls.hpp"
#include "actors/messaging/hooks/reactor_hooks.hpp"

#include "test/support/scripted_evaluator.hpp"

#include <doctest/doctest.h>

namespace hooks_calls_test {

using namespace hetzel;
using namespace hetzel::messaging;

namespace {

struct caller final : hook_caller_port {
  void send(std::uint64_t number, const plugins::actor_offer&,
            plugins::hook_call_ptr) override {
    sent.push_back(number);
  }
  std::vector<std::uint64_t> sent;
};

plugins::provider_ptr somebody() {
  return plugins::make_provider("a", {}, plugins::actor_offer{});
}

plugins::hook_call_ptr question() {
  return std::make_shared<const plugins::hook_call>(
    plugins::hook::auth_on_publish, plugins::publish_request{});
}

} // namespace

TEST_CASE("each question is answered once, by its number") {
  hook_calls calls;
  caller port;
  calls.bind(port);
  std::string ends;
  const auto whom = somebody();
  calls.ask(*whom, question(), [&](call_end, auto*) { ends += 'a'; });
  calls.ask(*whom, question(), [&](call_end how, auto*) {
    ends += how == call_end::timed_out ? 't' : 'b';
  });
  REQUIRE(port.sent.size() == 2);
  CHECK(calls.size() == 2);
  calls.settle(port.sent[1], call_end::timed_out, nullptr);
  calls.settle(port.sent[1], call_end::answered, nullptr);
  calls.settle(port.sent[0], call_end::answered, nullptr);
  CHECK(ends == "ta");
  CHECK(calls.size() == 0);
}

TEST_CASE("who sends the questions dies: all that wait fail, and may ask "
          "nobody else then") {
  hook_calls calls;
  caller port;
  calls.bind(port);
  int failed = 0;
  const auto whom = somebody();
  for (int i = 0; i < 3; ++i)
    calls.ask(*whom, question(), [&](call_end how, auto*) {
      failed += how == call_end::failed ? 1 : 0;
      CHECK(!calls.is_bound());
    });
  calls.unbind();
  CHECK(failed == 3);
}

TEST_CASE("a reactor takes newer chains only, and selects a listener's") {
  const auto named = [](std::string name) {
    auto made = std::make_shared<test::scripted_evaluator>();
    made->named = {plugins::hook::auth_on_publish};
    return plugins::make_provider(std::move(name), {}, std::move(made));
  };
  constexpr auto which = plugins::hook::auth_on_publish;
  constexpr auto form = plugins::hook_form::v5;
  reactor_hooks hooks;
  CHECK(!hooks.has(which, form));
  const auto newer = std::make_shared<const plugins::hook_table>(
    2, std::vector{named("a"), named("b")}, plugins::hook_set{});
  const auto older = std::make_shared<const plugins::hook_table>(
    1, std::vector<plugins::provider_ptr>{}, plugins::hook_set{});
  hooks.replace(newer);
  hooks.replace(older);
  CHECK(hooks.has(which, form));
  net::listener_config listener;
  listener.authz_plugins = {"b"};
  CHECK(hooks.chain_of(which, form, {}).size() == 2);
  const auto& chosen
    = hooks.chain_of(which, form, reactor_hooks::list_of(listener, which));
  REQUIRE(chosen.size() == 1);
  CHECK(chosen[0]->name == "b");
  CHECK(reactor_hooks::list_of(listener, plugins::hook::auth_on_register)
          .empty());
  CHECK(reactor_hooks::list_of(listener, plugins::hook::on_publish).empty());
}

} // namespace hooks_calls_test
