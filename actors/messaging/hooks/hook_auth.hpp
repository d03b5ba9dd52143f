#pragma once

#include "actors/messaging/hooks/reactor_hooks.hpp"
#include "actors/net/config.hpp"
#include "plugins/api/modifiers.hpp"
#include "plugins/api/requests.hpp"
#include "protocol/session/auth_method.hpp"

#include <functional>
#include <memory>

namespace hetzel::messaging {

struct site;

/// Whose enhanced authentication begins. Views are copied.
struct auth_party {
  site& local;
  const net::listener_config& listener;
  plugins::client client;
  mqtt::bytes_view method;
  mqtt::bytes_view client_id;
  bool is_reauthentication = false;
};

/// Hears a step that was pending, on the thread of the party's reactor, as long
/// as the exchange lives.
using on_auth_step = std::function<void(const mqtt::auth_step&)>;

/// The same of a re-authentication that succeeded, before the step itself.
using on_proved = std::function<void(const plugins::auth_modifiers&)>;

/// An exchange with the providers of `on_auth`: the first that does not say
/// `next` to its first step goes on with it alone. Null: there is none.
[[nodiscard]] std::unique_ptr<mqtt::auth_exchange>
start_hook_auth(const auth_party& party, on_auth_step later,
                on_proved proved);

} // namespace hetzel::messaging
