#include "actors/messaging/hooks/queue_notices.hpp"

namespace hetzel::messaging {

void tell_will(site& local, const subscriber_key& key,
               const std::optional<std::string>& user_name,
               mqtt::protocol_version version, const mqtt::message& message) {
  constexpr auto which = plugins::hook::on_publish;
  const auto form = plugins::form_of(version);
  if (!local.hooks.has(which, form))
    return;
  plugins::client whose;
  whose.id = subscriber_of(key);
  if (user_name)
    whose.user_name = *user_name;
  whose.version = version;
  auto told = publish_of(whose, message);
  told.is_will = true;
  notify<which>(local.hooks, form, told);
}

} // namespace hetzel::messaging
