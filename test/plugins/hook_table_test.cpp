#include "plugins/api/hook_table.hpp"
#include "plugins/api/chain_walk.hpp"
#include "plugins/api/provider.hpp"

#include "test/support/scripted_evaluator.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>

namespace hook_table_test {

using namespace hetzel;
using namespace hetzel::plugins;
using hetzel::test::scripted_evaluator;

namespace {

constexpr auto publishing = hook::auth_on_publish;

provider_ptr saying(std::string name, outcome said,
                    std::optional<int> priority = {}) {
  auto made = std::make_shared<scripted_evaluator>();
  made->named = {publishing};
  made->publishing = [said](const publish_request&) {
    publish_verdict verdict;
    verdict.result = said;
    return verdict;
  };
  return make_provider(std::move(name), priority, std::move(made));
}

provider_ptr absent(std::string name) {
  return make_provider(std::move(name), {},
                       actor_offer{.actor = {}, .hooks = {publishing}});
}

hook_table table_of(std::vector<provider_ptr> providers,
                    hook_set guarded = {}) {
  return hook_table{1, std::move(providers), guarded};
}

} // namespace

TEST_CASE("providers with a priority are asked first, the others by name") {
  const auto table
    = table_of({saying("c", outcome::next), saying("b", outcome::next),
                saying("z", outcome::next, 2), saying("y", outcome::next, 1)});
  CHECK(table.describe(publishing, hook_form::v3) == "y, z, b, c");
}

TEST_CASE("a listener's list restricts and orders the chain") {
  const auto table
    = table_of({saying("a", outcome::next), saying("b", outcome::next),
                saying("c", outcome::next)});
  const std::vector<std::string> names{"c", "a", "unknown"};
  const auto chosen = table.select(publishing, hook_form::v5, names);
  REQUIRE(chosen.size() == 2);
  CHECK(chosen[0]->name == "c");
  CHECK(chosen[1]->name == "a");
}

TEST_CASE("a table without plugins has no hook, a guarded one is never "
          "without") {
  const hook_table none;
  CHECK(!none.has(publishing, hook_form::v3));
  const auto guarded = table_of({}, {publishing});
  CHECK(guarded.has(publishing, hook_form::v5));
  CHECK(guarded.chain_of(publishing, hook_form::v5).empty());
}

TEST_CASE("a hook of 5.0 alone is none of 3.x") {
  auto only = std::make_shared<scripted_evaluator>();
  only->named.insert(publishing, hook_form::v5);
  const auto table = table_of({make_provider("a", {}, only)});
  CHECK(table.has(publishing, hook_form::v5));
  CHECK(!table.has(publishing, hook_form::v3));
}

TEST_CASE("the first that does not say next decides") {
  std::unique_ptr<const hook_table> table; // what is decided refers to it
  const auto decide = [&](std::vector<provider_ptr> providers) {
    table = std::make_unique<const hook_table>(1, std::move(providers),
                                               hook_set{});
    return walk<publishing>(table->chain_of(publishing, hook_form::v5), 0, {});
  };
  const auto allowed = decide({saying("a", outcome::next),
                               saying("b", outcome::ok),
                               saying("c", outcome::error)});
  CHECK(allowed.said.result == outcome::ok);
  CHECK(allowed.at->name == "b");
  const auto vetoed = decide({saying("a", outcome::error),
                              saying("b", outcome::ok)});
  CHECK(vetoed.said.result == outcome::error);
  CHECK(vetoed.at->name == "a");
  const auto exhausted = decide({saying("a", outcome::next),
                                 saying("b", outcome::next)});
  CHECK(exhausted.said.result == outcome::next);
  CHECK(exhausted.at == nullptr);
}

TEST_CASE("a provider that throws has said error, and stops the chain") {
  auto broken = std::make_shared<scripted_evaluator>();
  broken->named = {publishing};
  broken->publishing = [](const publish_request&) -> publish_verdict {
    throw std::runtime_error{"broken"};
  };
  const auto table = table_of({make_provider("a", {}, std::move(broken)),
                               saying("b", outcome::ok)});
  const auto step
    = walk<publishing>(table.chain_of(publishing, hook_form::v5), 0, {});
  CHECK(step.said.result == outcome::error);
  CHECK(step.failure == "broken");
}

TEST_CASE("a walk stops where somebody must be asked by message, and goes on "
          "behind it") {
  const auto table = table_of({saying("a", outcome::next), absent("b"),
                               saying("c", outcome::ok)});
  const auto& chain = table.chain_of(publishing, hook_form::v5);
  const auto waits = walk<publishing>(chain, 0, {});
  CHECK(waits.must_wait);
  CHECK(waits.at->name == "b");
  const auto rest = walk<publishing>(chain, waits.position + 1, {});
  CHECK(!rest.must_wait);
  CHECK(rest.said.result == outcome::ok);
}

TEST_CASE("all are told, whatever one of them throws") {
  auto broken = std::make_shared<scripted_evaluator>();
  broken->named = {hook::on_client_gone};
  broken->told = [](auto, auto) { throw std::runtime_error{"broken"}; };
  std::string heard;
  auto listening = std::make_shared<scripted_evaluator>();
  listening->named = {hook::on_client_gone};
  listening->told = [&](std::string_view name, mqtt::bytes_view whom) {
    heard = std::string{name} + ' ' + std::string{whom};
  };
  const auto table = table_of({make_provider("a", {}, std::move(broken)),
                               make_provider("b", {}, std::move(listening))});
  std::string failed;
  tell<hook::on_client_gone>(
    table.chain_of(hook::on_client_gone, hook_form::v3),
    session_event{{"", "c"}}, [](const provider&) {},
    [&](const provider& whose, const char* what) {
      failed = whose.name + ": " + what;
    });
  CHECK(heard == "on_client_gone c");
  CHECK(failed == "a: broken");
}

TEST_CASE("a refusal stands in for the decisions of a plugin alone") {
  const auto stand_in
    = make_refusal("acl", 3, {publishing, hook::on_deliver, hook::on_publish});
  CHECK(stand_in->hooks == hook_set{publishing});
  CHECK(stand_in->priority == 3);
  CHECK(stand_in->in_place->auth_on_publish({}).result == outcome::error);
  CHECK(stand_in->in_place->auth_on_register({}).result == outcome::error);
  CHECK(stand_in->in_place->auth_on_subscribe({}).result == outcome::error);
}

} // namespace hook_table_test
