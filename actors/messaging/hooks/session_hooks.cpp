#include "actors/messaging/hooks/session_hooks.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/hooks/changed_message.hpp"
#include "actors/messaging/hooks/identity.hpp"
#include "actors/messaging/site.hpp"
#include "actors/net/accepted_client.hpp"
#include "protocol/subscription_options.hpp"

#include <utility>

namespace hetzel::messaging {

namespace {

using plugins::hook;
using plugins::outcome;

/// Entries of a session's caches.
constexpr std::size_t cache_size_max = 32;

std::string key_of(const plugins::publish_request& asked) {
  std::string key{asked.topic_name};
  key.push_back(static_cast<char>(static_cast<unsigned>(asked.quality)
                                  | (asked.retain ? 4U : 0U)));
  return key;
}

std::string key_of(std::span<const mqtt::subscribe_entry> topics) {
  std::string key;
  for (const auto& one : topics) {
    key.append(one.topic_filter).push_back('\0');
    key.push_back(static_cast<char>(mqtt::options_byte(one.options)));
  }
  return key;
}

/// A SUBSCRIBE that waits for an answer.
struct kept_subscribe {
  kept_subscribe(const mqtt::subscribe& packet,
                 std::span<const mqtt::reason_code> given)
    : id(packet.id),
      subscription_id(packet.subscription_id),
      codes(given.begin(), given.end()) {
    for (const auto& one : packet.entries)
      entries.push_back({std::string{one.topic_filter}, one.options});
  }

  [[nodiscard]] mqtt::subscribe packet() const {
    mqtt::subscribe made;
    made.id = id;
    made.subscription_id = subscription_id;
    for (const auto& [topic_filter, options] : entries)
      made.entries.push_back({topic_filter, options});
    return made;
  }

  mqtt::packet_id id;
  std::uint32_t subscription_id;
  std::vector<std::pair<std::string, mqtt::subscription_options>> entries;
  std::vector<mqtt::reason_code> codes;
};

} // namespace

session_hooks::session_hooks(site& local, const net::connection_slot& slot,
                             const mqtt::connect_request& request,
                             ruling_sink& sink)
  : local_(local),
    slot_(slot),
    sink_(sink),
    version_(request.packet.version),
    user_name_(request.user_name) {}

plugins::client session_hooks::client(const subscriber_key& key) const {
  plugins::client made;
  made.id = subscriber_of(key);
  if (user_name_)
    made.user_name = *user_name_;
  made.version = version_;
  made.attachment = attachment_;
  return made;
}

decision_ticket session_hooks::ticket() {
  if (!ticket_)
    ticket_ = std::make_shared<const char>();
  return ticket_;
}

decision_rules session_hooks::rules() const {
  return {local_.config->limits.topics, {}};
}

const plugins::chain& session_hooks::chain_of(hook which) const {
  return local_.hooks.chain_of(
    which, form(), reactor_hooks::list_of(slot_.config(), which));
}

// -- PUBLISH ------------------------------------------------------------------

plugins::publish_request
session_hooks::request_of(const mqtt::publish& packet,
                          const subscriber_key& key) const {
  plugins::publish_request asked;
  asked.client = client(key);
  asked.topic_name = packet.topic_name;
  asked.payload = packet.payload;
  asked.quality = packet.quality;
  asked.retain = packet.retain;
  asked.expiry_interval = packet.expiry_interval;
  asked.properties = packet.properties;
  return asked;
}

mqtt::publish session_hooks::packet_of(const plugins::publish_request& asked,
                                       mqtt::packet_id id) {
  mqtt::publish made;
  made.id = id;
  made.topic_name = asked.topic_name;
  made.payload = asked.payload;
  made.quality = asked.quality;
  made.retain = asked.retain;
  made.expiry_interval = asked.expiry_interval;
  made.properties = asked.properties;
  return made;
}

ruled session_hooks::judge(const mqtt::publish& packet,
                           const subscriber_key& key) {
  auto& hooks = local_.hooks;
  const auto request = request_of(packet, key);
  if (published_)
    if (const auto* known = published_->find(hooks.table()->version(),
                                             key_of(request),
                                             local_.home.now())) {
      hooks.counters.of(hook::auth_on_publish).cached.add();
      const auto said = *known;
      sink_.on_publish_ruled(ruled::at_once, packet, said);
      return ruled::at_once;
    }
  const auto said = decide<hook::auth_on_publish>(
    hooks, chain_of(hook::auth_on_publish), request, rules(), ticket(),
    [this, id = packet.id](const plugins::publish_verdict& late,
                           const plugins::publish_request& asked) {
      publishing_.reset();
      remember(asked, late);
      sink_.on_publish_ruled(ruled::later, packet_of(asked, id), late);
    });
  if (!said) {
    if (packet.quality == mqtt::qos::exactly_once)
      publishing_ = packet.id;
    return ruled::later;
  }
  remember(request, *said);
  sink_.on_publish_ruled(ruled::at_once, packet, *said);
  return ruled::at_once;
}

/// Not with another payload: that is about one message alone.
void session_hooks::remember(const plugins::publish_request& asked,
                             const plugins::publish_verdict& said) {
  if (said.cache_for <= std::chrono::milliseconds{0}
      || (said.modifiers && said.modifiers->payload))
    return;
  if (!published_)
    published_ = std::make_unique<
      plugins::decision_cache<plugins::publish_verdict>>(cache_size_max);
  published_->put(local_.hooks.table()->version(), key_of(asked), said,
                  local_.home.now());
}

// -- SUBSCRIBE, UNSUBSCRIBE ---------------------------------------------------

void session_hooks::judge(const mqtt::subscribe& packet,
                          std::span<const mqtt::reason_code> codes,
                          const subscriber_key& key) {
  std::vector<mqtt::subscribe_entry> valid;
  for (std::size_t i = 0; i < codes.size(); ++i)
    if (!mqtt::is_error(codes[i]))
      valid.push_back(packet.entries[i]);
  if (valid.empty())
    return sink_.on_subscribe_ruled(ruled::at_once, packet, codes);
  auto& hooks = local_.hooks;
  const auto version = hooks.table()->version();
  if (subscribed_)
    if (const auto* known
        = subscribed_->find(version, key_of(valid), local_.home.now())) {
      hooks.counters.of(hook::auth_on_subscribe).cached.add();
      const auto said = *known;
      return finish(ruled::at_once, packet, codes, said);
    }
  plugins::subscribe_request request;
  request.client = client(key);
  request.topics = valid;
  request.subscription_id = packet.subscription_id;
  request.properties = packet.properties;
  const auto kept = std::make_shared<const kept_subscribe>(packet, codes);
  const auto said = decide<hook::auth_on_subscribe>(
    hooks, chain_of(hook::auth_on_subscribe), request, rules(), ticket(),
    [this, kept](const plugins::subscribe_verdict& late,
                 const plugins::subscribe_request&) {
      finish(ruled::later, kept->packet(), kept->codes, late);
    });
  if (said)
    finish(ruled::at_once, packet, codes, *said);
}

void session_hooks::finish(ruled when, const mqtt::subscribe& packet,
                           std::span<const mqtt::reason_code> codes,
                           const plugins::subscribe_verdict& said) {
  if (said.cache_for > std::chrono::milliseconds{0}) {
    std::vector<mqtt::subscribe_entry> valid;
    for (std::size_t i = 0; i < codes.size(); ++i)
      if (!mqtt::is_error(codes[i]))
        valid.push_back(packet.entries[i]);
    if (!subscribed_)
      subscribed_ = std::make_unique<
        plugins::decision_cache<plugins::subscribe_verdict>>(cache_size_max);
    subscribed_->put(local_.hooks.table()->version(), key_of(valid), said,
                     local_.home.now());
  }
  auto made = rule(packet.entries, codes, said);
  mqtt::subscribe changed;
  changed.id = packet.id;
  changed.subscription_id = packet.subscription_id;
  changed.entries = std::move(made.entries);
  sink_.on_subscribe_ruled(when, changed, made.codes);
}

void session_hooks::judge(const mqtt::unsubscribe& packet,
                          const subscriber_key& key) {
  plugins::unsubscribe_request request;
  request.client = client(key);
  request.topic_filters = packet.topic_filters;
  request.properties = packet.properties;
  const auto pass_on = [this, id = packet.id](
                         ruled when, const plugins::unsubscribe_verdict& said,
                         std::span<const mqtt::bytes_view> asked) {
    mqtt::unsubscribe changed;
    changed.id = id;
    changed.topic_filters = rule(asked, said);
    sink_.on_unsubscribe_ruled(when, changed);
  };
  const auto said = decide<hook::on_unsubscribe>(
    local_.hooks, chain_of(hook::on_unsubscribe), request, rules(), ticket(),
    [pass_on](const plugins::unsubscribe_verdict& late,
              const plugins::unsubscribe_request& asked) {
      pass_on(ruled::later, late, asked.topic_filters);
    });
  if (said)
    pass_on(ruled::at_once, *said, packet.topic_filters);
}

// -- deliveries ---------------------------------------------------------------

void session_hooks::judge(mqtt::delivery&& item, const subscriber_key& key) {
  const auto request = deliver_of(client(key), item);
  const auto said = decide<hook::on_deliver>(
    local_.hooks, chain_of(hook::on_deliver), request, rules(), ticket(),
    [this](const plugins::deliver_verdict& late,
           const plugins::deliver_request&) {
      auto waiting = std::move(delivering_);
      finish(ruled::later, late, std::move(*waiting));
    });
  if (said)
    finish(ruled::at_once, *said, std::move(item));
  else
    delivering_ = std::make_unique<mqtt::delivery>(std::move(item));
}

void session_hooks::finish(ruled when, const plugins::deliver_verdict& said,
                           mqtt::delivery item) {
  if (said.result == outcome::ok && said.modifiers)
    item.message = changed(*item.message, *said.modifiers);
  sink_.on_deliver_ruled(when, std::move(item));
}

// -- the end ------------------------------------------------------------------

void session_hooks::forget_publish() noexcept {
  ticket_.reset();
  publishing_.reset();
}

std::unique_ptr<mqtt::delivery> session_hooks::forget_delivery() noexcept {
  return std::move(delivering_);
}

} // namespace hetzel::messaging
