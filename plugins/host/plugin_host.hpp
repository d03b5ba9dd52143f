#pragma once

#include "actors/runtime/supervisor.hpp"
#include "plugins/host/plugin_roster.hpp"
#include "plugins/type_ids.hpp"

#include <caf/fwd.hpp>

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace hetzel::plugins {

/// Which plugins there are and are to run: what a configuration says.
struct plugin_choice {
  std::vector<plugin_spec> specs;
};

/// What a life of a plugin's actor publishes.
struct plugin_offer {
  std::string name;
  std::uint64_t life = 0;
  std::variant<evaluator_ptr, actor_offer> what;
};

/// Owns the plugins of a node: starts them, each below a supervisor of its own,
/// and publishes the chains that follow. A plugin that fails to start, or whose
/// restarts do not help, is logged and off until somebody enables it or the
/// configuration changes; the node goes on.
/// Messages:    started (answers when no plugin is starting any more), choice
///              (another configuration), offer (from a plugin), enable and
///              disable (of one, until the next restart or choice; error:
///              `caf::sec::invalid_argument`), children.
/// Owns:        the plugins' supervisors.
/// Supervision: permanent child of the node's supervisor.
/// On failure:  its plugins are started anew by the next one; until they have
///              published the chains in force stay.
using plugin_host = runtime::parent_actor::extend<
  caf::result<void>(runtime::started_atom),
  caf::result<void>(plugin_choice_ptr), caf::result<void>(plugin_offer_ptr),
  caf::result<void>(enable_atom, std::string),
  caf::result<void>(disable_atom, std::string)>;

struct plugin_host_options {
  plugin_choice_ptr choice;
  /// Outlives all plugins.
  plugins::broker* broker = nullptr;
  /// Takes each new table; called within the host.
  std::function<void(hook_table_ptr)> publish;
  /// Of the host before, if any. Used by one host at a time.
  std::shared_ptr<host_memory> memory = std::make_shared<host_memory>();
};

plugin_host spawn_plugin_host(caf::actor_system& system,
                              plugin_host_options options);

} // namespace hetzel::plugins
