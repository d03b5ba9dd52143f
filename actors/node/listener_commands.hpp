#pragma once

#include "actors/admin/command_registry.hpp"
#include "actors/net/listener_set.hpp"

#include <functional>
#include <string>
#include <vector>

namespace hetzel::node {

/// Runs something soon, on a thread that may block.
using work_runner = std::function<void(std::function<void()>)>;

/// `listener show`, `start`, `stop`, `restart` and `delete`, and `tls reload`.
/// `listeners` outlives the registry's use.
void add_listener_commands(admin::command_registry& to,
                           net::listener_set& listeners, work_runner later);

/// A table, a line per listener and one above; with the options of TLS or of
/// MQTT where they are asked for.
struct listener_columns {
  bool tls = false;
  bool mqtt = false;
};

[[nodiscard]] std::vector<std::string>
listener_table(const std::vector<net::listener_facts>& listeners,
               listener_columns columns);

} // namespace hetzel::node
