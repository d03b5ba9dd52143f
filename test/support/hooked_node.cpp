#include "test/support/hooked_node.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <future>

namespace hetzel::test {

hooked_node::~hooked_node() {
  for (const auto& one : actors)
    caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
}

void hooked_node::use(std::vector<plugins::provider_ptr> providers,
                      plugins::hook_set guarded) {
  exchange.set_hooks(std::make_shared<const plugins::hook_table>(
    ++version_, std::move(providers), guarded));
  for (std::size_t i = 0; i < exchange.reactor_count(); ++i) {
    std::promise<void> done;
    exchange.site_of(i).home.post([&] { done.set_value(); });
    done.get_future().get();
  }
}

void hooked_node::use(plugins::hook_set named,
                      const std::shared_ptr<scripted_evaluator>& script) {
  script->named = named;
  use({plugins::make_provider("test", {}, script)});
}

plugins::provider_ptr
hooked_node::actor(std::string name, plugins::hook_set named,
                   std::shared_ptr<hook_actor_script> script,
                   std::chrono::milliseconds timeout) {
  actors.push_back(spawn_scripted_hook_actor(system, std::move(script)));
  return plugins::make_provider(
    std::move(name), {},
    plugins::actor_offer{
      .actor = actors.back(), .hooks = named, .timeout = timeout});
}

std::uint64_t
hooked_node::count(plugins::hook which,
                   net::counter messaging::hook_counters::of_hook::*what) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < exchange.reactor_count(); ++i)
    sum += (exchange.site_of(i).hooks.counters.of(which).*what).value();
  return sum;
}

std::uint64_t hooked_node::count(messaging::metric which) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < exchange.reactor_count(); ++i)
    sum += exchange.site_of(i).metrics.value(which);
  return sum;
}

} // namespace hetzel::test
