#include "actors/messaging/session_runner.hpp"

#include "actors/messaging/client_limits.hpp"
#include "actors/messaging/exchange.hpp"
#include "actors/messaging/hooks/changed_message.hpp"
#include "actors/messaging/hooks/granted.hpp"
#include "actors/messaging/queue.hpp"
#include "actors/messaging/site.hpp"
#include "actors/runtime/log.hpp"

#include <utility>

namespace hetzel::messaging {

using mqtt::reason_code;

session_runner::session_runner(site& local, queue& owner,
                               net::accepted_client& client,
                               session_actor_port& actor)
  : local_(local),
    actor_(actor),
    queue_(&owner),
    peer_(std::move(client.peer)),
    write_buffer_max_(local.config->messaging.write_buffer_max),
    is_v5_(client.request->packet.version == mqtt::protocol_version::v5),
    core_(limits_of(*local.config, client), *client.request, owner.state(),
          *this, &methods_),
    slot_(std::move(client.slot)),
    hooks_(local, *slot_, *client.request, *this),
    output_(core_.output()),
    connection_(local.home, std::move(client.socket), *this, output_,
                local.traffic) {
  connection_.use(std::move(client.layered), nullptr);
  auto per_second = local.config->messaging.message_rate_max;
  if (const auto* const changes = granted::of(client)) {
    if (changes->max_message_rate)
      per_second = changes->max_message_rate;
    if (changes->max_connection_lifetime)
      limit_lifetime(*changes->max_connection_lifetime);
    hooks_.attach(changes->attachment);
  }
  if (per_second)
    rate_limit_ = std::make_unique<rate_limit>(*this, *per_second);
}

session_runner::~session_runner() {
  // Killed, or failed: to the peer and to the queue the transport broke.
  if (queue_)
    guarded([this] { core_.on_transport_closed(); });
  local_.traffic.socket_close.add();
}

void session_runner::start(net::accepted_client& client) {
  guarded([&, this] {
    pending_start_ = std::make_unique<pending_start>();
    pending_start_->unread = std::move(client.unread);
    note_registration(client);
    pending_start_->session_present = queue_->attach(*this, *client.request,
                                                     granted::of(client));
    client.request.reset();
    if (queue_ && !queue_->is_recording())
      answer_connect();
  });
}

void session_runner::on_recorded() {
  guarded([this] { answer_connect(); });
}

void session_runner::answer_connect() {
  const auto pending = std::move(pending_start_);
  const auto now = local_.home.now();
  core_.start(pending->session_present, now);
  schedule(core_.on_timer(now));
  if (!queue_)
    return;
  tell_registered(*pending);
  queue_->drain();
  after_output();
  connection_.start(std::move(pending->unread));
}

void session_runner::fail(const char* what) noexcept {
  connection_.close();
  actor_.stop(what);
}

std::string session_runner::held_by() const {
  std::string text;
  const auto append = [&](hold reason, const char* name) {
    if (holds_ & reason)
      text += text.empty() ? name : std::string{","} + name;
  };
  append(hold_reply, "reply");
  append(hold_output, "output");
  append(hold_receivers, "receivers");
  append(hold_rate, "rate");
  append(hold_load, "load");
  append(hold_verdict, "verdict");
  return text;
}

// -- session_port: from the queue --------------------------------------------

bool session_runner::can_take(const mqtt::delivery& item) const {
  return !pending_start_ && !hooks_.is_delivering()
         && output_.size() < write_buffer_max_
         && (item.quality == mqtt::qos::at_most_once
             || core_.can_open(item.stored));
}

void session_runner::deliver(mqtt::delivery&& item) {
  if (local_.hooks.has(plugins::hook::on_deliver, hooks_.form()))
    return hooks_.judge(std::move(item), queue_->key());
  core_.deliver(std::move(item), local_.home.now());
  after_output();
}

void session_runner::complete_subscribe(mqtt::packet_id id,
                                        std::span<const reason_code> codes) {
  guarded([&] {
    core_.complete_subscribe(id, answered(codes));
    after_output();
    set_hold(hold_reply, core_.is_awaiting_reply());
    if (auto subscribed = std::exchange(subscribing_, nullptr))
      tell_subscribed(*subscribed, codes);
  });
}

void session_runner::complete_unsubscribe(mqtt::packet_id id,
                                          std::span<const reason_code> codes) {
  guarded([&] {
    core_.complete_unsubscribe(id, answered(codes));
    after_output();
    set_hold(hold_reply, core_.is_awaiting_reply());
    if (auto unsubscribed = std::exchange(subscribing_, nullptr))
      tell_unsubscribed(*unsubscribed, codes);
  });
}

void session_runner::end(reason_code code) {
  guarded([&] {
    // Nobody gets DISCONNECT before CONNACK.
    if (const auto pending = std::move(pending_start_))
      core_.start(pending->session_present, local_.home.now());
    if (queue_)
      core_.end(code);
  });
}

// -- connection_handler: from the socket --------------------------------------

void session_runner::on_bytes(mqtt::bytes_view& buffer) {
  guarded([&] {
    core_.on_bytes(buffer, local_.home.now());
    local_.router.flush();
    if (queue_)
      after_input();
  });
}

void session_runner::on_closed() {
  guarded([this] { core_.on_transport_closed(); });
}

void session_runner::on_flushed() {
  guarded([this] {
    set_hold(hold_output, false);
    if (queue_)
      queue_->drain();
  });
}

/// Acknowledgements may have opened the window; a SUBSCRIBE holds the rest of
/// the input; receivers may have fallen behind.
void session_runner::after_input() {
  if (core_.has_room())
    queue_->drain();
  if (!queue_)
    return;
  after_output();
  if (core_.is_awaiting_reply())
    set_hold(hold_reply, true);
  if (local_.router.is_stalled() && !(holds_ & hold_receivers)) {
    local_.metrics.add(metric::publisher_stalled);
    set_hold(hold_receivers, true);
    local_.router.await_credit(*this);
  }
}

/// A client that sends but does not read must not grow our output by its
/// acknowledgements.
void session_runner::after_output() {
  const auto size = output_.size();
  if (size == 0 || !queue_)
    return;
  connection_.flush_soon();
  if (size < write_buffer_max_)
    return;
  connection_.notify_when_flushed();
  set_hold(hold_output, true);
}

void session_runner::set_hold(hold reason, bool on) {
  const auto before = holds_;
  holds_ = static_cast<unsigned char>(on ? holds_ | reason : holds_ & ~reason);
  core_.hold((holds_ & (hold_rate | hold_load | hold_verdict)) != 0);
  if (holds_ != 0) {
    connection_.pause();
  } else if (before != 0) {
    core_.excuse_silence(local_.home.now());
    connection_.resume();
  }
}

// -- timer, stallable ---------------------------------------------------------

void session_runner::on_timeout(mqtt::time_point now) {
  guarded([&] {
    const auto next = core_.on_timer(now);
    if (!queue_)
      return;
    schedule(next);
    after_output();
  });
}

void session_runner::schedule(std::optional<mqtt::time_point> when) {
  if (when)
    local_.home.timers().schedule(*this, *when);
}

void session_runner::on_deadline(mqtt::time_point at) {
  schedule(at);
}

void session_runner::on_unstalled() {
  guarded([this] {
    if (local_.router.is_stalled())
      local_.router.await_credit(*this);
    else
      set_hold(hold_receivers, false);
  });
}

// -- session_sink: from the protocol core -------------------------------------

void session_runner::on_publish(const mqtt::publish& packet) {
  note_rate();
  if (packet.quality == mqtt::qos::at_most_once
      && local_.node.sheds(shedding::drop_qos_0))
    return local_.metrics.add(metric::overload_publish_dropped);
  // Names that start with '$' are the server's own (MQTT 5, 4.7.2).
  if (packet.topic_name.starts_with('$')) {
    local_.metrics.add(metric::publish_auth_error);
    return refuse(packet, reason_code::not_authorized);
  }
  if (local_.hooks.has(plugins::hook::auth_on_publish, hooks_.form()))
    return judge(packet);
  route(packet, make_message(packet, nullptr));
}

void session_runner::route(const mqtt::publish& packet,
                           const mqtt::message_ptr& message) {
  if (packet.quality != mqtt::qos::at_most_once) {
    publish_acknowledged(packet, message);
  } else {
    local_.router.publish(message);
    if (message->retain())
      local_.router.retain(message);
  }
  if (local_.hooks.has(plugins::hook::on_publish, hooks_.form()))
    tell_published(*message);
}

void session_runner::set_loading(bool on) {
  if (on != ((holds_ & hold_load) != 0))
    guarded([&] { set_hold(hold_load, on); });
}

void session_runner::complete_received(mqtt::packet_id id) {
  guarded([&] {
    core_.complete_received(id);
    after_output();
  });
}

/// Whoever publishes too fast is not read for a while; nothing is lost.
void session_runner::note_rate() {
  if (!rate_limit_ || rate_limit_->rate.take(local_.home.now()))
    return;
  set_hold(hold_rate, true);
  local_.home.timers().schedule(*rate_limit_,
                                rate_limit_->rate.next());
}

void session_runner::rate_limit::on_timeout(mqtt::time_point) {
  owner.guarded([this] {
    owner.set_hold(hold_rate, false);
  });
}

mqtt::message_ptr
session_runner::make_message(const mqtt::publish& packet,
                             const plugins::publish_modifiers* changes) {
  mqtt::message_fields fields;
  fields.mountpoint = queue_->key().mountpoint();
  fields.topic_name = packet.topic_name;
  fields.payload = packet.payload;
  fields.properties = packet.properties.bytes();
  fields.quality = packet.quality;
  fields.retain = packet.retain;
  if (packet.expiry_interval)
    fields.expires_at = local_.home.now() + *packet.expiry_interval;
  fields.publisher = queue_->id().value();
  if (!changes)
    return mqtt::message::make(fields);
  std::string coded;
  change(fields, *changes, local_.home.now(), coded);
  return mqtt::message::make(fields);
}

void session_runner::on_settled(const mqtt::delivery& done) {
  if (queue_)
    queue_->on_settled(done);
}

bool session_runner::on_received(const mqtt::delivery& taken,
                                 mqtt::packet_id id) {
  return queue_->on_received(taken, id);
}

bool session_runner::on_released(mqtt::packet_id id) {
  return queue_->on_released(id);
}

void session_runner::on_end(const mqtt::session_end& end) {
  runtime::log::debug("session.end",
                      {{"client_id", queue_->key().client_id()},
                       {"peer", peer_},
                       {"reason", mqtt::to_string(end.code)}});
  cancel();
  if (rate_limit_)
    rate_limit_->cancel();
  if (lifetime_)
    lifetime_->cancel();
  stallable::unlist();
  // Before the peer can see the end: it may come again at once.
  slot_.reset();
  connection_.close_gracefully();
  abandon_questions();
  std::exchange(queue_, nullptr)->detach(end);
  actor_.stop(nullptr);
}

void session_runner::count(mqtt::session_event event) {
  using enum mqtt::session_event;
  auto& metrics = local_.metrics;
  switch (event) {
    case publish_received:
      return metrics.add_packet(mqtt::packet_type::publish,
                                reason_code::success, false);
    case publish_sent:
      return metrics.add_packet(mqtt::packet_type::publish,
                                reason_code::success, true);
    case puback_invalid:
      return metrics.add(metric::puback_invalid);
    case pubrec_invalid:
      return metrics.add(metric::pubrec_invalid);
    case pubcomp_invalid:
      return metrics.add(metric::pubcomp_invalid);
    case publish_expired:
      return metrics.add(metric::queue_message_expired);
    case packet_too_large_dropped:
      return metrics.add(metric::publish_too_large_dropped);
    case publish_resent:
      return metrics.add(metric::publish_resent);
    case keep_alive_expired:
      return metrics.add(metric::client_keepalive_expired);
    case lifetime_ended:
      return metrics.add(metric::client_lifetime_ended);
  }
}

void session_runner::count_packet(mqtt::packet_type type, reason_code code,
                                  bool sent) {
  local_.metrics.add_packet(type, code, sent);
}

} // namespace hetzel::messaging
