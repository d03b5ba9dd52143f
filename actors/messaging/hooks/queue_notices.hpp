#pragma once

#include "actors/messaging/hooks/decision.hpp"
#include "actors/messaging/hooks/identity.hpp"
#include "actors/messaging/site.hpp"

#include <string>

/// What providers hear of queues and Sessions; one branch when nobody listens.

namespace hetzel::messaging {

/// `on_client_wakeup`, `on_client_offline`, `on_client_gone` and
/// `on_session_expired`.
template <plugins::hook Which>
void tell_session(site& local, const subscriber_key& key) {
  if (local.hooks.has(Which, plugins::hook_form::v5))
    notify<Which>(local.hooks, plugins::hook_form::v5, {subscriber_of(key)});
}

/// A message of QoS 1 or 2 is kept for a client that is away.
inline void tell_offline(site& local, const subscriber_key& key,
                         const mqtt::delivery& item) {
  constexpr auto which = plugins::hook::on_offline_message;
  if (local.hooks.has(which, plugins::hook_form::v5))
    notify<which>(local.hooks, plugins::hook_form::v5, event_of(key, item));
}

/// A message is not delivered. Those that are given up on disk, or all at once,
/// are counted and not told of.
inline void tell_dropped(site& local, const subscriber_key& key,
                         const mqtt::delivery& item,
                         plugins::drop_reason why) {
  constexpr auto which = plugins::hook::on_message_drop;
  if (!local.hooks.has(which, plugins::hook_form::v5))
    return;
  auto event = event_of(key, item);
  event.reason = why;
  notify<which>(local.hooks, plugins::hook_form::v5, event);
}

/// All subscriptions of a Session are gone.
inline void tell_unsubscribed_all(site& local, const subscriber_key& key) {
  constexpr auto which = plugins::hook::on_topic_unsubscribed;
  if (local.hooks.has(which, plugins::hook_form::v5))
    notify<which>(local.hooks, plugins::hook_form::v5,
                  {subscriber_of(key), true, {}});
}

/// A will was published.
void tell_will(site& local, const subscriber_key& key,
               const std::optional<std::string>& user_name,
               mqtt::protocol_version version, const mqtt::message& message);

} // namespace hetzel::messaging
