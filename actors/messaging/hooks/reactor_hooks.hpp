#pragma once

#include "actors/messaging/hooks/hook_calls.hpp"
#include "actors/messaging/hooks/hook_counters.hpp"
#include "actors/net/config.hpp"
#include "plugins/api/hook_table.hpp"
#include "plugins/api/hook_traits.hpp"

#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace hetzel::messaging {

/// The chains as one reactor sees them now, and what it counted. Belongs to the
/// reactor's thread.
class reactor_hooks {
public:
  reactor_hooks() = default;
  reactor_hooks(const reactor_hooks&) = delete;
  reactor_hooks& operator=(const reactor_hooks&) = delete;

  /// Whether anybody must be asked or told: what a hook costs that nobody has.
  [[nodiscard]] bool has(plugins::hook which,
                         plugins::hook_form form) const noexcept {
    return table_->has(which, form);
  }

  /// Another table is in force from the next question on.
  void replace(plugins::hook_table_ptr next);

  [[nodiscard]] const plugins::hook_table_ptr& table() const noexcept {
    return table_;
  }

  /// Of all plugins, or as `only` of a listener says. Valid until `replace`, or
  /// as long as `table()` is kept and `only` is empty.
  [[nodiscard]] const plugins::chain&
  chain_of(plugins::hook which, plugins::hook_form form,
           const std::vector<std::string>& only);

  /// The list of `listener` that is about that hook.
  [[nodiscard]] static const std::vector<std::string>&
  list_of(const net::listener_config& listener, plugins::hook which) noexcept;

  hook_counters counters;
  hook_calls calls;

private:
  using selection = std::pair<std::pair<plugins::hook, plugins::hook_form>,
                              std::vector<std::string>>;

  plugins::hook_table_ptr table_ = std::make_shared<plugins::hook_table>();
  /// Made when they are asked for; as many as listeners have lists.
  std::map<selection, plugins::chain> selected_;
};

} // namespace hetzel::messaging
