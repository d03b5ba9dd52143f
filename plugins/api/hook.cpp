#include "plugins/api/hook.hpp"

namespace hetzel::plugins {

namespace {

struct hook_names {
  std::string_view v3;
  std::string_view v5;
};

/// In the order of `hook`.
constexpr std::array<hook_names, hooks_count> names{{
  {"auth_on_register", "auth_on_register_m5"},
  {"auth_on_publish", "auth_on_publish_m5"},
  {"auth_on_subscribe", "auth_on_subscribe_m5"},
  {"", "on_auth_m5"},
  {"on_unsubscribe", "on_unsubscribe_m5"},
  {"on_deliver", "on_deliver_m5"},
  {"on_register", "on_register_m5"},
  {"on_publish", "on_publish_m5"},
  {"on_subscribe", "on_subscribe_m5"},
  {"on_offline_message", "on_offline_message"},
  {"on_client_wakeup", "on_client_wakeup"},
  {"on_client_offline", "on_client_offline"},
  {"on_client_gone", "on_client_gone"},
  {"on_session_expired", "on_session_expired"},
  {"on_message_drop", "on_message_drop"},
  {"on_topic_unsubscribed", "on_topic_unsubscribed"},
  {"on_config_change", "on_config_change"},
}};

static_assert(!names.back().v3.empty(), "each hook has a name");

} // namespace

std::string_view name_of(hook which, hook_form form) noexcept {
  const auto& both = names[static_cast<std::size_t>(which)];
  return form == hook_form::v3 ? both.v3 : both.v5;
}

std::optional<named_hook> find_hook(std::string_view name) noexcept {
  if (name.empty())
    return std::nullopt;
  for (std::size_t i = 0; i < hooks_count; ++i) {
    named_hook found{static_cast<hook>(i), {}};
    if (names[i].v3 == name)
      found.forms.insert(found.which, hook_form::v3);
    if (names[i].v5 == name)
      found.forms.insert(found.which, hook_form::v5);
    if (!found.forms.empty())
      return found;
  }
  return std::nullopt;
}

} // namespace hetzel::plugins
