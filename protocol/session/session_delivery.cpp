#include "protocol/assert.hpp"
#include "protocol/session/session.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::mqtt {

namespace {

using milliseconds = std::chrono::milliseconds;

// Wraps; only differences count.
std::uint32_t in_ms(time_point now) noexcept {
  auto since_epoch
    = std::chrono::duration_cast<milliseconds>(now.time_since_epoch());
  return static_cast<std::uint32_t>(since_epoch.count());
}

} // namespace

void session::deliver(delivery&& item, time_point now) {
  HETZEL_ASSERT(!has_ended_);
  if (item.message->is_expired(now))
    return sink_.on_dropped(item, session_event::publish_expired);
  publish_form form;
  form.version = version_;
  auto is_acknowledged = item.quality != qos::at_most_once;
  if (is_acknowledged) {
    HETZEL_ASSERT(state_.outbound.can_open(item.stored));
    form.id = state_.outbound.next_id(item);
    form.dup = item.dup;
  }
  if (!send_publish(item, form, now))
    return sink_.on_dropped(item, session_event::packet_too_large_dropped);
  if (is_acknowledged) {
    state_.outbound.open(std::move(item), in_ms(now));
    expect_answer(now);
  }
}

// False: larger than the client accepts, so it counts as done
// [MQTT-3.1.2-25].
bool session::send_publish(const delivery& item, publish_form form,
                           time_point now) {
  outbound_aliases::choice choice;
  if (aliases_out_) {
    choice = aliases_out_->choose(item.message->topic_name());
    form.topic_alias = choice.alias;
    form.topic_known = choice.is_known;
  }
  auto layout = plan_publish(item, form, now);
  // The property of the alias may be what is too much.
  if (layout.packet_size() > client_packet_size_max_ && choice.alias != 0) {
    choice = {};
    form.topic_alias = 0;
    form.topic_known = false;
    layout = plan_publish(item, form, now);
  }
  if (layout.packet_size() > client_packet_size_max_)
    return false;
  write_publish(output_, item, form, layout);
  if (aliases_out_)
    aliases_out_->remember(item.message->topic_name(), choice);
  sink_.count(session_event::publish_sent);
  return true;
}

void session::settle(outbound_flow::exchange& open, time_point now) {
  auto done = state_.outbound.settle(open);
  sink_.on_settled(done);
  if (!has_ended_ && state_.outbound.has_backlog())
    resend_backlog(now);
}

// -- resending --------------------------------------------------------------

// As much of what an earlier connection left open as the window takes. A
// message whose time is over goes out too: its packet id may stand in the
// client's list of received ones, and would swallow another message.
void session::resend_backlog(time_point now) {
  while (auto* open = state_.outbound.next_of_backlog()) {
    if (resend(*open, now)) {
      state_.outbound.mark_resent(in_ms(now));
      continue;
    }
    auto dropped = state_.outbound.settle(*open);
    sink_.on_dropped(dropped, session_event::packet_too_large_dropped);
    if (has_ended_)
      return;
  }
  expect_answer(now);
}

bool session::resend(const outbound_flow::exchange& open, time_point now) {
  if (open.awaits == outbound_flow::step::storing)
    return true;
  if (open.awaits == outbound_flow::step::pubcomp) {
    send_publish_reply(packet_type::pubrel, open.id, reason_code::success);
  } else {
    publish_form form;
    form.version = version_;
    form.id = open.id;
    form.dup = true; // [MQTT-3.3.1-1]
    if (!send_publish(open.item, form, now))
      return false;
  }
  sink_.count(session_event::publish_resent);
  return true;
}

// When to look again; nullopt: nothing is unanswered, or never on this
// connection. What still waits in our own output is not sent twice.
std::optional<time_point> session::resend_overdue(time_point now) {
  if (resend_interval_ == duration::zero() || state_.outbound.empty())
    return std::nullopt;
  if (!output_.empty())
    return now + resend_interval_;
  auto interval = std::chrono::duration_cast<milliseconds>(resend_interval_);
  auto next = state_.outbound.resend_due(
    in_ms(now), static_cast<std::uint32_t>(interval.count()),
    [&](const outbound_flow::exchange& open) {
      // The same bytes fitted before.
      static_cast<void>(resend(open, now));
    });
  if (!next)
    return std::nullopt;
  return now + milliseconds{*next};
}

// On a live 3.x connection silence is answered by sending again.
void session::expect_answer(time_point now) {
  if (resend_interval_ == duration::zero())
    return;
  auto due = now + resend_interval_;
  if (due >= deadline_)
    return;
  deadline_ = due;
  sink_.on_deadline(due);
}

} // namespace hetzel::mqtt
