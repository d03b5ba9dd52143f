#pragma once

#include "actors/admin/command_registry.hpp"

#include <functional>
#include <string>
#include <vector>

namespace hetzel::messaging {
class exchange;
} // namespace hetzel::messaging

namespace hetzel::admin {

/// A line of `status`: `key: value`. Asked on the thread of the control socket:
/// `value` must not block.
struct status_row {
  std::string key;
  std::function<std::string()> value;
};

/// Sessions, sockets, subscriptions, retained messages and the state of each
/// shard of the message store. `node` outlives the rows.
[[nodiscard]] std::vector<status_row> exchange_rows(messaging::exchange& node);

/// `status`, which shows `rows` in their order, and `metrics`, which shows
/// everything that is counted. `node` outlives the registry's use.
void add_status_commands(command_registry& registry, messaging::exchange& node,
                         std::vector<status_row> rows);

} // namespace hetzel::admin
