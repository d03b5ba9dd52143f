#pragma once

#include "actors/node/config/node_config.hpp"
#include "actors/runtime/child.hpp"
#include "actors/runtime/handle_slot.hpp"
#include "plugins/host/plugin_host.hpp"

#include <caf/fwd.hpp>

#include <memory>

namespace hetzel::plugins {
class guards;
} // namespace hetzel::plugins

namespace hetzel::messaging {
class exchange;
class plugin_broker;
} // namespace hetzel::messaging

namespace hetzel::node {

/// The plugins of a node: what there is, which of them the configuration wants,
/// and the host that runs them. Outlives the supervision tree.
class plugin_wiring {
public:
  /// All must outlive it.
  plugin_wiring(caf::actor_system& system, messaging::exchange& exchange,
                plugins::guards& guards);
  ~plugin_wiring();

  /// The host, as a child of the node's supervisor; ready when no plugin is
  /// starting any more. Before the listeners.
  [[nodiscard]] runtime::child_spec host_child(const node_config& config);

  /// Another configuration.
  void reload(const node_config& config);

  /// For commands that enable and disable plugins; null before the start.
  [[nodiscard]] plugins::plugin_host host() const { return host_.get(); }

private:
  /// Every plugin there is, with its configuration.
  [[nodiscard]] plugins::plugin_choice_ptr
  plugins_of(const node_config& config);

  caf::actor_system& system_;
  messaging::exchange& exchange_;
  plugins::guards& guards_;
  std::unique_ptr<messaging::plugin_broker> broker_;
  std::shared_ptr<plugins::host_memory> memory_;
  runtime::handle_slot<plugins::plugin_host> host_;
};

} // namespace hetzel::node
