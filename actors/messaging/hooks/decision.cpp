#include "actors/messaging/hooks/decision.hpp"

#include <caf/send.hpp>

namespace hetzel::messaging {

plugins::modifier_fault fault_of(const plugins::register_modifiers& changes,
                                 const decision_rules&) {
  return plugins::check(changes);
}

plugins::modifier_fault fault_of(const plugins::auth_modifiers& changes,
                                 const decision_rules& rules) {
  return plugins::check(changes, rules.method);
}

void report(plugins::hook which, const plugins::provider& whose,
            std::string_view what) {
  runtime::log::warning(
    "plugin.answer", {{"plugin", whose.name},
                      {"hook", plugins::name_of(which, plugins::hook_form::v5)},
                      {"error", what}});
}

void post(const plugins::provider& whom, plugins::hook_notice_ptr notice) {
  caf::anon_send(whom.elsewhere->actor, std::move(notice));
}

} // namespace hetzel::messaging
