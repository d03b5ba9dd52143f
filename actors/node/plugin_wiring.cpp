#include "actors/node/plugin_wiring.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/hooks/plugin_broker.hpp"
#include "plugins/guards/guards.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <utility>

namespace hetzel::node {

plugin_wiring::plugin_wiring(caf::actor_system& system,
                             messaging::exchange& exchange,
                             plugins::guards& guards)
  : system_(system),
    exchange_(exchange),
    guards_(guards),
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
  guards_.reload();
}

plugins::plugin_choice_ptr
plugin_wiring::plugins_of(const node_config& config) {
  auto specs = guards_.specs(config.guards);
  specs.insert(specs.end(), config.plugin_specs.begin(),
               config.plugin_specs.end());
  return std::make_shared<const plugins::plugin_choice>(
    plugins::plugin_choice{std::move(specs)});
}

} // namespace hetzel::node
