#include "actors/messaging/exchange.hpp"
#include "actors/messaging/queue.hpp"
#include "actors/messaging/session_runner.hpp"
#include "actors/messaging/site.hpp"

/// What a session owes for each PUBLISH of QoS 1 and 2, and when.

namespace hetzel::messaging {

using mqtt::reason_code;

namespace {

/// What a 5.0 publisher is told of a message that could not be stored.
reason_code to_reason(persistence::errc code) {
  using persistence::errc;
  if (code == errc::none)
    return reason_code::success;
  return code == errc::disk_full ? reason_code::quota_exceeded
                                 : reason_code::unspecified_error;
}

} // namespace

/// The answer leaves when whoever stores the message has, and in the order of
/// the PUBLISH packets.
void session_runner::publish_acknowledged(const mqtt::publish& packet,
                                          const mqtt::message_ptr& message) {
  store_ticket ticket;
  ticket.number = answers_.next_number();
  ticket.id = packet.id;
  ticket.quality = packet.quality;
  auto waits = queue_->expect(
    ticket, local_.node.durability_of(slot_->config()), packet.dup);
  const auto code = local_.router.publish(message, &waits);
  if (!queue_)
    return;
  if (packet.quality == mqtt::qos::exactly_once)
    queue_->mark(waits);
  const bool is_stored = waits.was_taken();
  if (is_stored && packet.quality == mqtt::qos::exactly_once)
    queue_->state().inbound.set_in_store(packet.id, true);
  const bool is_retained = message->retain();
  if (!is_stored && !is_retained && answers_.empty())
    return core_.complete_publish(packet.id, packet.quality, code);
  const auto awaits = (is_stored ? 1 : 0) + (is_retained ? 1 : 0);
  answers_.add({packet.id, packet.quality, code,
                static_cast<std::uint8_t>(awaits)});
  if (is_retained)
    retain(message, ticket.number);
}

/// What this client had retained before at QoS 0 goes first [MQTT-3.3.1-5]. The
/// retained store may be full; and a shard may die.
void session_runner::retain(const mqtt::message_ptr& message,
                            std::uint32_t number) {
  local_.router.flush();
  actor_.retain(message, [this, number](reason_code code) {
    guarded([&] {
      // 3.x cannot hear that there is no room.
      const bool is_told = is_v5_ || code == reason_code::unspecified_error;
      settle(number, is_told ? code : reason_code::success);
    });
  });
}

void session_runner::settle(std::uint32_t number, reason_code failure) {
  auto* const open = queue_ ? answers_.find(number) : nullptr;
  if (!open)
    return;
  --open->awaits;
  if (mqtt::is_error(failure))
    open->code = failure;
  release_answers();
}

void session_runner::release_answers() {
  answers_.release([this](const answer_line::answer& ready) {
    if (queue_)
      answer(ready.id, ready.quality, ready.code);
  });
  if (queue_)
    after_output();
}

/// 3.x cannot hear that something was not stored: the client is closed, comes
/// back and sends it again.
void session_runner::answer(mqtt::packet_id id, mqtt::qos quality,
                            reason_code code) {
  if (!is_v5_ && mqtt::is_error(code))
    return core_.end(code);
  if (mqtt::is_error(code))
    queue_->on_refused(id);
  core_.complete_publish(id, quality, code);
}

/// One of an earlier connection may have been repeated on this one.
void session_runner::on_settlement(const settlement& of) {
  const auto& ticket = of.ticket;
  const auto failure = to_reason(of.code);
  guarded([&] {
    const bool is_qos_2 = ticket.quality == mqtt::qos::exactly_once;
    if (ticket.kind == store_ticket::what::release) {
      core_.complete_release(ticket.id);
    } else {
      if (is_qos_2)
        queue_->state().inbound.set_in_store(ticket.id, false);
      if (ticket.connection == queue_->connection())
        return settle(ticket.number, failure);
      if (is_qos_2)
        answer(ticket.id, ticket.quality, failure);
    }
    if (queue_)
      after_output();
  });
}

/// 3.x has no way to say no, and a client that gets no answer would wait for
/// ever: it is acknowledged and dropped.
void session_runner::refuse(const mqtt::publish& packet, reason_code code) {
  if (packet.quality != mqtt::qos::at_most_once)
    core_.complete_publish(packet.id, packet.quality,
                           is_v5_ ? code : reason_code::success);
}

} // namespace hetzel::messaging
