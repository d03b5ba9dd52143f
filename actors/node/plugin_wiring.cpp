#include "actors/node/plugin_wiring.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/hooks/plugin_broker.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <utility>

namespace hetzel::node {

plugins::plugin_choice_ptr plugins_of(const node_config& config) {
  return std::make_shared<const plugins::plugin_choice>(
    plugins::plugin_choice{config.plugin_specs});
}

plugin_wiring::plugin_wiring(caf::actor_system& system,
                             messaging::exchange& exchange)
  : system_(system),
    exchange_(exchange),
    broker_(std::make_unique<messaging::plugin_broker>(exchange)),
    memory_(std::make_shared<plugins::host_memory>()) {}

plugin_wiring::~plugin_wiring() = default;

runtime::child_spec plugin_wiring::host_child(const node_config& config) {
  runtime::child_spec spec;
  spec.name = "plugins";
  spec.type = runtime::child_type::supervisor;
  spec.confirms_start = true;
  plugins::plugin_host_options options;
  options.choice = plugins_of(config);
  options.broker = broker_.get();
  options.memory = memory_;
  options.publish = [&exchange = exchange_](plugins::hook_table_ptr next) {
    exchange.set_hooks(std::move(next));
  };
  spec.start = [this, options = std::move(options)] {
    return caf::actor_cast<caf::strong_actor_ptr>(
      plugins::spawn_plugin_host(system_, options));
  };
  spec.on_started = [this](const caf::strong_actor_ptr& started) {
    host_.set(caf::actor_cast<plugins::plugin_host>(started));
  };
  return spec;
}

void plugin_wiring::reload(const node_config& config) {
  if (const auto running = host_.get())
    caf::anon_send(running, plugins_of(config));
}

} // namespace hetzel::node
