#pragma once

#include "actors/messaging/hooks/decision.hpp"
#include "actors/net/accepted_client.hpp"

#include <memory>
#include <optional>

namespace hetzel::messaging {

struct live_config;

/// What the decision about a CONNECT needs. The last three live at least until
/// the waiter has been answered; when it is gone so are they.
struct arrival {
  reactor_hooks& hooks;
  std::shared_ptr<const live_config> config;
  mqtt::connect_request& request;
  net::accepted_socket& from;
  net::judgement_waiter& waiter;
};

/// Decides about a CONNECT: `auth_on_register` unless anonymous clients are
/// admitted, then `auth_on_publish` about its will. Puts what is changed into
/// request, mountpoint and grants. nullopt: the waiter hears it later.
///
/// Who proved itself by enhanced authentication needs no provider of
/// `auth_on_register`; one that refuses is heard.
[[nodiscard]] std::optional<mqtt::judgement> judge(const arrival& client);

} // namespace hetzel::messaging
