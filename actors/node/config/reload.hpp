#pragma once

#include "actors/node/config/configuration.hpp"

#include <string>
#include <vector>

namespace hetzel::node {

/// What becomes of a configuration that was read while the node runs.
struct reload_plan {
  /// The running one with the new values of keys that can change live; the
  /// others keep theirs until a restart.
  configuration next;
  /// Keys that changed live, those of listeners that came or went included.
  std::vector<std::string> applied;
  /// Keys whose change needs a restart.
  std::vector<std::string> needs_restart;
};

[[nodiscard]] reload_plan plan_reload(const configuration& running,
                                      const configuration& fresh);

} // namespace hetzel::node
