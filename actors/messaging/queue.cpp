#include "actors/messaging/queue.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/hooks/queue_notices.hpp"
#include "actors/messaging/site.hpp"
#include "actors/messaging/stored_records.hpp"
#include "actors/runtime/log.hpp"
#include "protocol/assert.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::messaging {

namespace {

/// Fetch more retained messages when fewer than that wait.
constexpr std::size_t retained_refill_below = 100;

/// What is due while the node cannot do it yet.
constexpr std::chrono::milliseconds postponement{100};

void count_shed(site& local, const subscriber_key& key,
                const mqtt::delivery& item) {
  local.metrics.add(metric::overload_slow_dropped);
  tell_dropped(local, key, item, plugins::drop_reason::queue_full);
}

} // namespace

queue::queue(site& local, queue_id id, queue_actor_port& actor)
  : local_(local),
    id_(id),
    actor_(actor),
    pending_(local.node.config()->messaging.queues.order) {
  local_.queues.bind(id_, *this);
  local_.metrics.add(metric::queue_setup);
  note_load();
}

queue::~queue() {
  // What the metadata has is for the next life; see `to_restore`.
  if (is_recorded() && !retired_) {
    will_.reset();
    will_due_.reset();
  }
  close(mqtt::reason_code::unspecified_error);
  local_.metrics.add(metric::queue_teardown);
}

const subscriber_key& queue::key() const {
  return local_.queues.key_of(id_);
}

// -- life of the Session -----------------------------------------------------

bool queue::attach(session_port& port, const mqtt::connect_request& request,
                   const plugins::register_modifiers* granted) {
  if (session_) {
    local_.metrics.add(metric::session_takeover);
    is_changing_hands_ = true;
    session_->end(mqtt::reason_code::session_taken_over);
    is_changing_hands_ = false;
  }
  if (will_due_)
    local_.metrics.add(metric::will_cancelled);
  will_due_.reset();
  settle_will();
  expires_at_.reset();
  gone_since_.reset();
  cancel();
  session_ = &port;
  ++connection_;
  session_expiry_ = request.session_expiry;
  will_ = will::copy_of(request.packet, request.will_delay);
  if (will_)
    will_->user_name = request.user_name;
  grant(granted);
  if (outlives_connection() && !stored_)
    open_store(nullptr);
  if (stored_)
    stored_->go_online();
  trim_to_online_limit();
  note_load();
  record_attach();
  tell_session<plugins::hook::on_client_wakeup>(local_, key());
  return std::exchange(exists_, true);
}

void queue::grant(const plugins::register_modifiers* granted) {
  granted_.reset();
  if (!granted
      || (!granted->max_online_messages && !granted->max_offline_messages))
    return;
  const auto limit = [](std::int64_t number) {
    return number < 0 ? std::optional<std::size_t>{}
                      : static_cast<std::size_t>(number);
  };
  auto own = local_.config->messaging.queues;
  if (granted->max_online_messages)
    own.online_max = limit(*granted->max_online_messages);
  if (granted->max_offline_messages)
    own.offline_max = limit(*granted->max_offline_messages);
  granted_ = std::make_unique<const queue_limits>(own);
}

const queue_limits& queue::limits() const {
  return granted_ ? *granted_ : local_.config->messaging.queues;
}

void queue::record_attach() {
  if (!local_.node.metadata)
    return;
  if (outlives_connection() || is_recorded()) {
    ++epoch_;
    record_session();
  } else if (std::exchange(follows_recorded_, false)) {
    // Done already, but its answer comes behind that of what did it.
    actor_.record(delete_session(key(), {}));
  } else {
    return;
  }
  is_recording_ = true;
}

void queue::on_recorded() {
  if (will_awaits_ == 0)
    settle_will();
  // The metadata knows of no other.
  if (stored_)
    stored_->forget_wills_but(will_ ? will_mark(epoch_) : 0);
  if (std::exchange(is_recording_, false) && session_)
    session_->on_recorded();
}

void queue::record_session() {
  if (!local_.node.metadata)
    return;
  const auto now = at_wall_clock(local_.home.now());
  actor_.record(store_session(key(), {epoch_, session_expiry_, gone_since_,
                                      will_as_recorded(now)}));
}

void queue::restore(const restored_session& from) {
  exists_ = true;
  epoch_ = std::max<std::uint64_t>(from.record.epoch, 1);
  session_expiry_ = from.record.expiry;
  const auto now = at_wall_clock(local_.home.now());
  // Clocks step back.
  gone_since_ = std::min(from.record.disconnected_at.value_or(now.wall),
                         now.wall);
  if (session_expiry_)
    expires_at_ = now.steady + (*gone_since_ - now.wall) + *session_expiry_;
  restore_will(from.record, now);
  if (!from.record.disconnected_at)
    record_session();
  open_store(&from);
  subscription_changes changes{std::string{key().mountpoint()}, {}};
  for (const auto& entry : from.subscriptions) {
    subscriptions_.set(entry);
    changes.changes.push_back(insertion(id_, entry));
  }
  if (!changes.changes.empty())
    actor_.index(std::move(changes));
  note_load();
  schedule_timer();
}

std::unique_ptr<restored_session> queue::to_restore() const {
  if (retired_ || !is_recorded())
    return nullptr;
  const auto now = at_wall_clock(local_.home.now());
  return std::make_unique<restored_session>(restored_session{
    key(),
    {epoch_, session_expiry_, gone_since_.value_or(now.wall),
     will_as_recorded(now)},
    {subscriptions_.begin(), subscriptions_.end()},
    stored_ ? std::optional{stored_->origin()} : std::nullopt});
}

void queue::detach(const mqtt::session_end& end) {
  HETZEL_ASSERT(session_);
  session_ = nullptr;
  is_recording_ = false;
  state_.inbound.detach();
  if (answer_)
    answer_->is_abandoned = true;
  if (end.session_expiry)
    session_expiry_ = *end.session_expiry;
  leave_will(end);
  if (retired_ || is_changing_hands_)
    return;
  if (outlives_connection())
    return go_offline();
  tell_session<plugins::hook::on_client_gone>(local_, key());
  retire(end.code);
}

void queue::retire(mqtt::reason_code code) {
  if (retired_)
    return;
  if (is_recorded())
    actor_.record(delete_session(key(), subscriptions_));
  if (stored_)
    stored_->remove();
  close(code);
  actor_.stop();
}

void queue::close(mqtt::reason_code code) {
  if (std::exchange(retired_, true))
    return;
  if (session_)
    session_->end(code);
  cancel();
  if (will_due_)
    publish_will();
  settle_will();
  forget_subscriptions();
  give_shared_away();
  const auto left = pending_.size() + state_.outbound.size();
  local_.metrics.add(metric::queue_message_unhandled, left);
  if (auto walk = retained_.clear())
    actor_.cancel(std::move(*walk));
  local_.queues.release(id_);
  local_.node.loads[id_.reactor()]->set(id_, {});
  local_.node.sessions.fetch_sub(1);
}

void queue::end_session(mqtt::reason_code code) {
  if (session_)
    session_->end(code);
}

void queue::fail(const char* what) noexcept {
  runtime::log::error("queue.failed", {{"error", what}});
  actor_.stop(what);
}

void queue::go_offline() {
  const auto now = local_.home.now();
  tell_session<plugins::hook::on_client_offline>(local_, key());
  if (session_expiry_)
    expires_at_ = now + *session_expiry_;
  gone_since_ = at_wall_clock(now).wall;
  // Else once the will is on disk as a message.
  if (is_recorded() && will_awaits_ == 0)
    record_session();
  give_shared_away();
  const auto before = pending_.size();
  pending_.erase_if([](const mqtt::delivery& item) {
    return item.quality == mqtt::qos::at_most_once;
  });
  local_.metrics.add(metric::queue_message_unhandled, before - pending_.size());
  if (stored_)
    evict_all();
  else
    trim_pending(limits().offline_max, limits().offline_bytes_max);
  note_load();
  schedule_timer();
}

/// What waited offline must fit into the queue of the session (spec 4.3).
void queue::trim_to_online_limit() {
  const auto& own = limits();
  if (own.override_online_max)
    return;
  if (!stored_)
    return trim_pending(own.online_max, own.online_bytes_max);
  const auto waiting = stored_->waiting();
  if (own.online_max && waiting > *own.online_max)
    stored_->give_up(waiting - *own.online_max);
  const auto bytes = stored_->waiting_bytes();
  if (own.online_bytes_max && bytes > *own.online_bytes_max)
    stored_->give_up_bytes(bytes - *own.online_bytes_max);
}

void queue::trim_pending(std::optional<std::size_t> count,
                         std::optional<std::size_t> bytes) {
  if (count)
    local_.metrics.add(metric::queue_message_drop, pending_.trim(*count));
  if (!bytes)
    return;
  const auto dropped = pending_.trim_bytes(*bytes);
  local_.metrics.add(metric::queue_message_drop, dropped);
  local_.metrics.add(metric::queue_bytes_drop, dropped);
}

void queue::schedule_timer() {
  if (session_ || retired_)
    return;
  auto due = expires_at_;
  if (will_due_ && (!due || *will_due_ < *due))
    due = will_due_;
  if (due)
    local_.home.timers().schedule(*this, *due);
}

void queue::on_timeout(mqtt::time_point now) {
  if (must_wait(now))
    return local_.home.timers().schedule(*this, now + postponement);
  if (will_due_ && *will_due_ <= now)
    on_will_due();
  // Its end comes back to the timer.
  if (will_awaits_ > 0)
    return;
  if (expires_at_ && *expires_at_ <= now) {
    local_.metrics.add(metric::client_expired);
    runtime::log::debug("session.expired", {{"client_id", key().client_id()}});
    tell_session<plugins::hook::on_session_expired>(local_, key());
    retire(mqtt::reason_code::success);
    return;
  }
  schedule_timer();
}

// -- messages ----------------------------------------------------------------

void queue::deliver(const offer& item) {
  local_.metrics.add(metric::queue_message_in);
  mqtt::delivery made{item.message, item.ids, item.share, item.quality,
                      item.retain};
  if (stored_ && item.quality != mqtt::qos::at_most_once)
    return store(std::move(made), {item.waits, item.body});
  if (session_ && pending_.empty() && session_->can_take(made)
      && limits().online_max != 0)
    return send(std::move(made));
  if (session_ && made.quality == mqtt::qos::at_most_once
      && local_.node.sheds(shedding::drop_slow_qos_0))
    return count_shed(local_, key(), made);
  enqueue(std::move(made));
}

void queue::send(mqtt::delivery item) {
  local_.metrics.add(metric::queue_message_out);
  if (stored_)
    stored_->note_sent(item);
  session_->deliver(std::move(item));
}

void queue::enqueue(mqtt::delivery item) {
  if (!session_ && item.quality == mqtt::qos::at_most_once) {
    local_.metrics.add(metric::queue_message_unhandled);
    return;
  }
  if (!make_room_for(item))
    return count_bytes_drop(item);
  if (!session_)
    tell_offline(local_, key(), item);
  mqtt::delivery dropped;
  const auto limit = session_ ? limits().online_max : limits().offline_max;
  if (pending_.push(std::move(item), limit, dropped) != push_verdict::queued)
    count_drop(dropped);
  note_load();
}

void queue::count_drop(const mqtt::delivery& item) {
  local_.metrics.add(metric::queue_message_drop);
  tell_dropped(local_, key(), item, plugins::drop_reason::queue_full);
}

void queue::count_bytes_drop(const mqtt::delivery& item) {
  local_.metrics.add(metric::queue_bytes_drop);
  count_drop(item);
}

void queue::drain() {
  const auto now = local_.home.now();
  while (session_ && !pending_.empty()
         && session_->can_take(pending_.next())) {
    // A server that died and forgot it would send it again as another one.
    if (stored_ && pending_.next().quality == mqtt::qos::exactly_once
        && !stored_->is_committed(pending_.next()))
      break;
    auto item = pending_.pop();
    if (item.message->is_expired(now)) {
      local_.metrics.add(metric::queue_message_expired);
      tell_dropped(local_, key(), item, plugins::drop_reason::expired);
      drop(item);
      continue;
    }
    send(std::move(item));
  }
  note_load();
  load_more();
  if (session_)
    fetch_retained();
}

void queue::fetch_retained() {
  if (retained_.is_ready() && pending_.size() < retained_refill_below)
    actor_.fetch(retained_.next(key().mountpoint()));
}

void queue::on_retained(std::uint32_t round, const retained_reply& reply) {
  if (retired_)
    return;
  const auto* grant = retained_.current(round);
  if (!grant)
    return;
  for (const auto& message : reply.messages)
    deliver({message, grant->ids, 0, std::min(message->quality(),
                                              grant->quality),
             true});
  retained_.advance(reply.walk);
  drain();
}

void queue::give_shared_away() {
  const auto give
    = [this](const mqtt::delivery& item) { return give_away(item); };
  pending_.erase_if(give);
  // What was sent at QoS 2 stays with its receiver [MQTT-4.8.2-5].
  static_cast<void>(state_.outbound.take_if(
    [&](const mqtt::outbound_flow::exchange& open) {
      return open.item.quality == mqtt::qos::at_least_once && give(open.item);
    }));
  local_.router.flush();
}

void queue::note_load() {
  local_.node.loads[id_.reactor()]->set(
    id_, {session_ != nullptr,
          (stored_ ? stored_->waiting() : pending_.size())
            + state_.outbound.size(),
          stored_ != nullptr});
}

} // namespace hetzel::messaging
