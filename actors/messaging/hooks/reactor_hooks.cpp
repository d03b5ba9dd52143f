#include "actors/messaging/hooks/reactor_hooks.hpp"

namespace hetzel::messaging {

void reactor_hooks::replace(plugins::hook_table_ptr next) {
  if (next->version() < table_->version())
    return;
  selected_.clear();
  table_ = std::move(next);
}

const plugins::chain&
reactor_hooks::chain_of(plugins::hook which, plugins::hook_form form,
                        const std::vector<std::string>& only) {
  if (only.empty())
    return table_->chain_of(which, form);
  const selection key{{which, form}, only};
  auto found = selected_.find(key);
  if (found == selected_.end())
    found = selected_.emplace(key, table_->select(which, form, only)).first;
  return found->second;
}

const std::vector<std::string>&
reactor_hooks::list_of(const net::listener_config& listener,
                       plugins::hook which) noexcept {
  static const std::vector<std::string> all;
  switch (plugins::family_of(which)) {
  case plugins::hook_family::authentication:
    return listener.auth_plugins;
  case plugins::hook_family::authorisation:
    return listener.authz_plugins;
  case plugins::hook_family::change:
  case plugins::hook_family::notification:
    return all;
  }
  return all;
}

} // namespace hetzel::messaging
