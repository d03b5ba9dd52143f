// The part of a queue that has a will.
//
// The will of a Session that the metadata has stands in its record from CONNECT
// until it is discarded, or published and on disk as a message.

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/hooks/queue_notices.hpp"
#include "actors/messaging/queue.hpp"
#include "actors/messaging/site.hpp"
#include "actors/runtime/log.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace hetzel::messaging {

void queue::leave_will(const mqtt::session_end& end) {
  const bool suppressed
    = end.code == mqtt::reason_code::session_taken_over
      && local_.config->messaging.suppress_will_on_takeover;
  if (!will_ || end.will_discarded || suppressed) {
    will_.reset();
    return;
  }
  if (retired_ || will_delay() == std::chrono::seconds{0})
    publish_will();
  else
    will_due_ = local_.home.now() + will_delay();
}

/// It is published at the latest when the Session ends (MQTT 5, 3.1.3.2.2).
std::chrono::seconds queue::will_delay() const {
  return session_expiry_ ? std::min(will_->delay, *session_expiry_)
                         : will_->delay;
}

void queue::on_will_due() {
  publish_will();
  if (will_awaits_ == 0 && is_recorded())
    record_session();
}

void queue::publish_will() {
  will_due_.reset();
  if (!will_ || will_awaits_ > 0)
    return;
  const auto message = will_->to_message(key().mountpoint(), id_.value(),
                                         local_.home.now());
  local_.metrics.add(metric::will_published);
  route_will(message);
  tell_will(local_, key(), will_->user_name, will_->version, *message);
  if (will_awaits_ == 0)
    will_.reset();
}

/// A will that is on disk stays there until its message is. Who has it from a
/// former life that did not come to forget it has a mark, and skips it.
void queue::route_will(const mqtt::message_ptr& message) {
  if (!is_recorded() || retired_) {
    local_.router.publish(message);
    if (message->retain())
      local_.router.retain(message);
    return local_.router.flush();
  }
  store_ticket ticket;
  ticket.kind = store_ticket::what::will;
  ticket.waiter = id_;
  ticket.connection = connection_;
  std::vector<std::uint64_t> has_it;
  if (stored_) {
    ticket.mark_owner = stored_->address();
    ticket.mark_id = will_mark(epoch_);
    has_it = stored_->receivers_of(ticket.mark_id);
  }
  receipt_source waits{local_, ticket, std::move(has_it)};
  local_.router.publish(message, &waits);
  local_.router.flush();
  will_awaits_ = static_cast<std::uint8_t>((waits.was_taken() ? 1 : 0)
                                           + (message->retain() ? 1 : 0));
  if (will_awaits_ > 0 && !std::exchange(is_will_under_way_, true))
    local_.node.wills_under_way.fetch_add(1);
  if (message->retain())
    actor_.retain(message, connection_);
}

/// To try again would send it once more to all that have it.
void queue::on_will_stored(const settlement& of) {
  if (of.code != persistence::errc::none)
    runtime::log::warning("will.not_stored",
                          {{"client_id", key().client_id()},
                           {"error", persistence::name(of.code)}});
  if (stored_)
    stored_->keep_marks(of.ticket.mark_id, of.marks);
  on_will_kept(of.ticket.connection);
}

void queue::on_will_kept(std::uint32_t connection) {
  if (connection == connection_ && will_awaits_ > 0 && --will_awaits_ == 0)
    end_will();
}

/// The metadata may forget it.
void queue::end_will() {
  will_.reset();
  if (session_ || retired_)
    return settle_will();
  record_session();
  schedule_timer();
}

/// Nothing more of a will that was published is to be written.
void queue::settle_will() noexcept {
  will_awaits_ = 0;
  if (std::exchange(is_will_under_way_, false))
    local_.node.wills_under_way.fetch_sub(1);
}

// -- the next life -----------------------------------------------------------

/// One whose connection was open when the process died counts its delay from
/// now; of the others the time is known. Clocks may have been set since.
void queue::restore_will(const cluster::session_record& from,
                         const both_clocks& now) {
  if (!from.will)
    return;
  will_ = will_of(*from.will);
  const auto latest = now.steady + will_delay();
  will_due_ = from.will->due
                ? std::min(now.steady + (*from.will->due - now.wall), latest)
                : latest;
}

std::optional<cluster::will_record>
queue::will_as_recorded(const both_clocks& now) const {
  if (!will_)
    return std::nullopt;
  auto record = record_of(*will_);
  if (will_due_)
    record.due = to_wall(*will_due_, now);
  else if (!session_)
    record.due = now.wall;
  return record;
}

/// The index is not complete yet, or receivers are behind: a will must not
/// miss the one nor make the other worse. Sessions end with their will.
bool queue::must_wait(mqtt::time_point now) const {
  const bool has_will = will_due_ && *will_due_ <= now;
  return has_will && (local_.node.is_restoring || local_.router.is_stalled());
}

} // namespace hetzel::messaging
