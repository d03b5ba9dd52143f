#include "actors/messaging/session_runner.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/hooks/hook_auth.hpp"
#include "actors/messaging/hooks/identity.hpp"
#include "actors/messaging/hooks/queue_notices.hpp"
#include "actors/messaging/queue.hpp"
#include "actors/messaging/site.hpp"
#include "protocol/reason_code_rules.hpp"

#include <algorithm>
#include <exception>
#include <utility>

/// What providers decide about a session's packets, and hear of it.

namespace hetzel::messaging {

using mqtt::reason_code;
using plugins::hook;
using plugins::outcome;

// -- PUBLISH ------------------------------------------------------------------

void session_runner::judge(const mqtt::publish& packet) {
  if (hooks_.judge(packet, queue_->key()) == ruled::later)
    set_hold(hold_verdict, true);
}

void session_runner::on_publish_ruled(ruled when, const mqtt::publish& packet,
                                      const plugins::publish_verdict& said) {
  if (when == ruled::at_once)
    return apply(packet, said);
  guarded([&] {
    apply(packet, said);
    local_.router.flush();
    if (!queue_)
      return;
    after_input();
    set_hold(hold_verdict, false);
  });
}

void session_runner::apply(const mqtt::publish& packet,
                           const plugins::publish_verdict& said) {
  if (said.result != outcome::ok)
    return refuse(packet, said);
  const auto* const changes = said.modifiers.get();
  route(packet, make_message(packet, changes));
  if (queue_ && changes && changes->throttle)
    throttle(*changes->throttle);
}

/// 5.0 hears the code; 3.1.1 is closed, and 3.1 as it is configured.
void session_runner::refuse(const mqtt::publish& packet,
                            const plugins::publish_verdict& said) {
  local_.metrics.add(metric::publish_auth_error);
  auto code = said.code;
  if (!mqtt::is_allowed_in(mqtt::packet_type::puback, code)
      || !mqtt::is_error(code))
    code = reason_code::not_authorized;
  const bool is_closed
    = hooks_.version() == mqtt::protocol_version::v3_1_1
      || (hooks_.version() == mqtt::protocol_version::v3_1
          && local_.config->messaging.disconnect_on_unauthorized_publish_v3);
  if (is_closed)
    return core_.end(code);
  if (packet.quality == mqtt::qos::at_most_once)
    return;
  if (!is_v5_)
    code = reason_code::success;
  // Not before those of earlier packets [MQTT-4.6.0-2].
  if (!answers_.empty())
    return answers_.add({packet.id, packet.quality, code, 0});
  core_.complete_publish(packet.id, packet.quality, code,
                         said.text ? mqtt::bytes_view{said.text->reason_string}
                                   : mqtt::bytes_view{});
}

void session_runner::throttle(mqtt::duration time) {
  if (!rate_limit_)
    rate_limit_ = std::make_unique<rate_limit>(*this, 0);
  set_hold(hold_rate, true);
  local_.home.timers().schedule(*rate_limit_, local_.home.now() + time);
}

// -- SUBSCRIBE, UNSUBSCRIBE ---------------------------------------------------

void session_runner::on_subscribe(const mqtt::subscribe& packet,
                                  std::span<const reason_code> codes) {
  codes_due_ = packet.entries.size();
  if (local_.hooks.has(hook::auth_on_subscribe, hooks_.form()))
    return hooks_.judge(packet, codes, queue_->key());
  on_subscribe_ruled(ruled::at_once, packet, codes);
}

void session_runner::on_subscribe_ruled(ruled,
                                        const mqtt::subscribe& packet,
                                        std::span<const reason_code> codes) {
  if (local_.hooks.has(hook::on_subscribe, hooks_.form())) {
    subscribing_ = std::make_unique<topics_in_change>();
    for (const auto& one : packet.entries)
      subscribing_->topics.emplace_back(one.topic_filter, one.options);
  }
  guarded([&] { queue_->subscribe(packet, codes); });
}

void session_runner::on_unsubscribe(const mqtt::unsubscribe& packet) {
  codes_due_ = packet.topic_filters.size();
  if (local_.hooks.has(hook::on_unsubscribe, hooks_.form()))
    return hooks_.judge(packet, queue_->key());
  on_unsubscribe_ruled(ruled::at_once, packet);
}

void session_runner::on_unsubscribe_ruled(ruled,
                                          const mqtt::unsubscribe& packet) {
  if (local_.hooks.has(hook::on_topic_unsubscribed, hooks_.form())) {
    subscribing_ = std::make_unique<topics_in_change>();
    for (const auto one : packet.topic_filters)
      subscribing_->topics.emplace_back(one, mqtt::subscription_options{});
  }
  guarded([&] { queue_->unsubscribe(packet); });
}

std::vector<reason_code>
session_runner::answered(std::span<const reason_code> codes) const {
  std::vector<reason_code> due{codes.begin(), codes.end()};
  due.resize(codes_due_, reason_code::no_subscription_existed);
  return due;
}

// -- deliveries ---------------------------------------------------------------

void session_runner::on_deliver_ruled(ruled when, mqtt::delivery item) {
  if (when == ruled::at_once) {
    core_.deliver(std::move(item), local_.home.now());
    return after_output();
  }
  guarded([&] {
    core_.deliver(std::move(item), local_.home.now());
    queue_->drain();
    after_output();
  });
}

void session_runner::on_dropped(const mqtt::delivery& dropped,
                                mqtt::session_event why) {
  using plugins::drop_reason;
  if (queue_) {
    const bool is_expired = why == mqtt::session_event::publish_expired;
    tell_dropped(local_, queue_->key(), dropped,
                 is_expired ? drop_reason::expired
                            : drop_reason::max_packet_size_exceeded);
    queue_->on_settled(dropped);
  }
  count(why);
}

// -- enhanced authentication --------------------------------------------------

std::unique_ptr<mqtt::auth_exchange>
session_runner::client_methods::start(mqtt::bytes_view method,
                                      mqtt::bytes_view client_id) const {
  const auto& key = owner.queue_->key();
  return owner.local_.node.start_auth(
    {owner.local_, owner.slot_->config(), owner.hooks_.client(key), method,
     client_id, true},
    [whom = &owner](const mqtt::auth_step& step) {
      whom->on_auth_step(step);
    },
    [whom = &owner](const plugins::auth_modifiers& proof) {
      whom->on_proved(proof);
    });
}

void session_runner::on_proved(const plugins::auth_modifiers& proof) {
  if (proof.attachment)
    hooks_.attach(proof.attachment);
  if (proof.max_connection_lifetime)
    limit_lifetime(*proof.max_connection_lifetime);
}

void session_runner::on_auth_step(const mqtt::auth_step& step) {
  guarded([&] {
    core_.on_auth_step(step);
    if (!queue_)
      return;
    after_output();
    set_hold(hold_reply, core_.is_awaiting_reply());
  });
}

// -- the life of the connection -----------------------------------------------

/// A delivery counts as one that was sent.
void session_runner::abandon_questions() {
  hooks_.forget_publish();
  const auto unsent = hooks_.forget_delivery();
  if (unsent && unsent->quality != mqtt::qos::at_most_once)
    queue_->state().outbound.open(std::move(*unsent), 0);
}

/// From now on; zero: without end.
void session_runner::limit_lifetime(std::chrono::seconds longest) {
  if (longest == std::chrono::seconds{0})
    return lifetime_.reset();
  if (!lifetime_)
    lifetime_ = std::make_unique<lifetime_limit>(*this);
  local_.home.timers().schedule(*lifetime_, local_.home.now() + longest);
}

void session_runner::lifetime_limit::on_timeout(mqtt::time_point) {
  owner.end(reason_code::maximum_connect_time);
}

// -- notifications ------------------------------------------------------------

void session_runner::note_registration(const net::accepted_client& client) {
  if (!local_.hooks.has(hook::on_register, hooks_.form()))
    return;
  plugins::register_request asked;
  asked.client = hooks_.client(queue_->key());
  asked.clean_start = client.request->packet.clean_start;
  asked.connection = connection_of(*slot_, peer_);
  asked.properties = client.request->packet.properties;
  pending_start_->asked.emplace(asked);
}

void session_runner::tell_registered(const pending_start& started) {
  if (started.asked)
    notify<hook::on_register>(local_.hooks, hooks_.form(),
                              started.asked->get());
}

void session_runner::tell_published(const mqtt::message& message) {
  if (queue_)
    notify<hook::on_publish>(
      local_.hooks, hooks_.form(),
      publish_of(hooks_.client(queue_->key()), message));
}

void session_runner::tell_subscribed(const topics_in_change& changed,
                                     std::span<const reason_code> codes) {
  if (!queue_)
    return;
  std::vector<mqtt::subscribe_entry> topics;
  for (const auto& [topic_filter, options] : changed.topics)
    topics.push_back({topic_filter, options});
  plugins::subscribe_request told;
  told.client = hooks_.client(queue_->key());
  told.topics = topics;
  told.codes = codes;
  notify<hook::on_subscribe>(local_.hooks, hooks_.form(), told);
}

void session_runner::tell_unsubscribed(const topics_in_change& changed,
                                       std::span<const reason_code> codes) {
  if (!queue_)
    return;
  std::vector<mqtt::bytes_view> removed;
  for (std::size_t i = 0; i < std::min(codes.size(), changed.topics.size());
       ++i)
    if (codes[i] == reason_code::success)
      removed.push_back(changed.topics[i].first);
  if (removed.empty())
    return;
  plugins::unsubscribed_event told;
  told.id = subscriber_of(queue_->key());
  told.topic_filters = removed;
  notify<hook::on_topic_unsubscribed>(local_.hooks, hooks_.form(), told);
}

} // namespace hetzel::messaging
