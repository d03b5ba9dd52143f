#pragma once

#include "plugins/api/broker.hpp"
#include "plugins/api/provider.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/fwd.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace hetzel::plugins {

/// What a plugin's actor has of its host: one per life of the actor. From any
/// thread; what a former life says is ignored.
class plugin_port {
public:
  virtual ~plugin_port() = default;

  /// Takes part in the chains with this snapshot, which replaces what was
  /// published before. In force soon after; what is being asked meanwhile ends
  /// on the former one.
  virtual void publish(evaluator_ptr in_place) = 0;

  /// The same, as an actor that answers later.
  virtual void publish(actor_offer offer) = 0;

  /// The node itself, longer-lived than all plugins.
  [[nodiscard]] virtual plugins::broker& broker() noexcept = 0;

  [[nodiscard]] virtual caf::actor_system& system() noexcept = 0;
};

using plugin_port_ptr = std::shared_ptr<plugin_port>;

/// A plugin as the node knows it, whether it is on or not. The table of all of
/// them is made where the configuration is read (actors/node).
struct plugin_spec {
  /// As in `plugins.<name>`, e.g. "passwd".
  std::string name;
  /// `plugins.<name>`.
  bool is_on = false;
  /// `plugins.<name>.priority`.
  std::optional<int> priority;
  /// All that it may ever take part in. When it should be on and is not, what
  /// it would decide is refused.
  hook_set hooks;
  /// Of its configuration; the plugin starts anew when it has changed.
  std::string settings;
  /// Spawns its actor, which answers `describe_atom`, and `started_atom` with
  /// `confirms_start`. Runs in the plugin's supervisor at every start. An
  /// exception, or a null, is a start that failed.
  std::function<caf::strong_actor_ptr(plugin_port_ptr)> start;
  /// The plugin is ready when it answers `started_atom`, by when it should have
  /// published. False: when it answers at all.
  bool confirms_start = false;
  std::chrono::milliseconds start_deadline{5'000};
};

} // namespace hetzel::plugins
