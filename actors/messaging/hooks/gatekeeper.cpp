#include "actors/messaging/hooks/gatekeeper.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/hooks/granted.hpp"
#include "actors/messaging/hooks/identity.hpp"

#include <string>
#include <utility>

namespace hetzel::messaging {

namespace {

using mqtt::judgement;
using mqtt::reason_code;
using plugins::hook;
using plugins::outcome;

bool is_v5(const arrival& client) noexcept {
  return client.request.packet.version == mqtt::protocol_version::v5;
}

judgement refusal(const arrival& client, reason_code code,
                  const plugins::refusal_text* text) {
  judgement said{code};
  // As VerneMQ answers when no plugin wants the client.
  if (code == reason_code::success)
    said.code = is_v5(client) ? reason_code::bad_user_name_or_password
                              : reason_code::not_authorized;
  if (text) {
    said.reason = text->reason_string;
    said.server_reference = text->server_reference;
  }
  return said;
}

plugins::register_request request_of(const arrival& client) {
  const auto& request = client.request;
  plugins::register_request asked;
  asked.client = client_of(client.request, client.from);
  asked.password = request.packet.password;
  asked.clean_start = request.packet.clean_start;
  asked.connection = connection_of(*client.from.slot, client.from.peer);
  asked.auth_method = request.auth_method;
  asked.properties = request.packet.properties;
  return asked;
}

plugins::publish_request will_of(const arrival& client) {
  const auto& will = *client.request.packet.will;
  plugins::publish_request asked;
  asked.client = client_of(client.request, client.from);
  asked.topic_name = will.topic_name;
  asked.payload = will.payload;
  asked.quality = will.quality;
  asked.retain = will.retain;
  asked.is_will = true;
  asked.properties = will.properties;
  return asked;
}

decision_rules rules_of(const arrival& client) {
  return {client.config->limits.topics, {}};
}

// -- the will -----------------------------------------------------------------

judgement on_will(const arrival& client,
                  const plugins::publish_verdict& said) {
  if (said.result != outcome::ok) {
    const auto code = said.code == reason_code::success
                        ? reason_code::not_authorized
                        : said.code;
    return refusal(client, code, said.text.get());
  }
  if (said.modifiers)
    apply(*said.modifiers, client.request);
  return {};
}

std::optional<judgement> judge_will(const arrival& client) {
  const auto form = plugins::form_of(client.request.packet.version);
  auto& hooks = client.hooks;
  if (!client.request.packet.will || !hooks.has(hook::auth_on_publish, form))
    return judgement{};
  const auto& only = reactor_hooks::list_of(client.from.slot->config(),
                                            hook::auth_on_publish);
  const auto said = decide<hook::auth_on_publish>(
    hooks, hooks.chain_of(hook::auth_on_publish, form, only), will_of(client),
    rules_of(client), client.waiter.wait(),
    [client](const plugins::publish_verdict& verdict,
             const plugins::publish_request&) {
      client.waiter.on_judged(on_will(client, verdict));
    });
  if (!said)
    return std::nullopt;
  return on_will(client, *said);
}

// -- the client ---------------------------------------------------------------

void grant(const arrival& client, const plugins::register_modifiers& changes) {
  if (changes.identity) {
    client.from.mountpoint = changes.identity->mountpoint;
    client.request.client_id = changes.identity->client_id;
  }
  apply(changes, client.config->limits, client.request);
}

/// What is left of it for the session.
void keep_grants(const arrival& client, plugins::register_modifiers changes) {
  if (const auto* const proved = proof_of(client.request)) {
    if (!changes.attachment)
      changes.attachment = proved->attachment;
    if (!changes.max_connection_lifetime)
      changes.max_connection_lifetime = proved->max_connection_lifetime;
  }
  auto grants = std::make_shared<granted>();
  grants->changes = std::move(changes);
  client.from.grants = std::move(grants);
}

std::optional<judgement>
on_registered(const arrival& client,
              const plugins::register_verdict& said) {
  const bool is_proved = !client.request.auth_method.empty();
  if (said.result == outcome::error
      || (said.result == outcome::next && !is_proved))
    return refusal(client, said.code, said.text.get());
  if (said.modifiers)
    grant(client, *said.modifiers);
  if (said.modifiers || proof_of(client.request))
    keep_grants(client, said.modifiers ? *said.modifiers
                                       : plugins::register_modifiers{});
  return judge_will(client);
}

} // namespace

std::optional<judgement> judge(const arrival& client) {
  const auto& listener = client.from.slot->config();
  if (const auto* const proved = proof_of(client.request);
      proved && proved->user_name)
    client.request.user_name = proved->user_name;
  if (listener.allow_anonymous_override
      || client.config->messaging.allow_anonymous)
    return judge_will(client);
  auto& hooks = client.hooks;
  const auto form = plugins::form_of(client.request.packet.version);
  const auto& only = reactor_hooks::list_of(listener, hook::auth_on_register);
  const auto said = decide<hook::auth_on_register>(
    hooks, hooks.chain_of(hook::auth_on_register, form, only),
    request_of(client), rules_of(client), client.waiter.wait(),
    [client](const plugins::register_verdict& verdict,
             const plugins::register_request&) {
      if (const auto last = on_registered(client, verdict))
        client.waiter.on_judged(*last);
    });
  if (!said)
    return std::nullopt;
  return on_registered(client, *said);
}

} // namespace hetzel::messaging
