// The part of a queue that keeps its messages in the store.

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/hooks/queue_notices.hpp"
#include "actors/messaging/queue.hpp"
#include "actors/messaging/site.hpp"
#include "actors/messaging/storage/message_disk.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::messaging {

namespace {

using mqtt::qos;
using persistence::errc;

/// Ask for more when fewer than that wait in memory.
constexpr std::size_t refill_below = stored_queue::window_count / 2;

} // namespace

/// Null: a Session that has just come to outlive its connection. What it has
/// in memory is stored as well.
void queue::open_store(const restored_session* from) {
  if (!local_.node.messages)
    return;
  if (from && from->stored) {
    stored_ = std::make_unique<stored_queue>(local_, id_, key(),
                                             *from->stored);
    for (const auto id : stored_->image().received)
      state_.outbound.restore_released(id);
    for (const auto& mark : from->stored->marks)
      if (mark.receiver == stored_->address())
        state_.inbound.restore(mark.id);
    return;
  }
  const auto first = state_.outbound.next_id({});
  stored_ = std::make_unique<stored_queue>(local_, id_, key(), first);
  std::vector<mqtt::delivery> earlier;
  pending_.erase_if([&](const mqtt::delivery& item) {
    if (item.quality == qos::at_most_once)
      return false;
    earlier.push_back(item);
    return true;
  });
  for (auto& item : earlier)
    store(std::move(item), {});
}

// -- messages ----------------------------------------------------------------

void queue::store(mqtt::delivery item, const storing& how) {
  auto* const waits = how.waits;
  const auto limit = session_ ? limits().online_max : limits().offline_max;
  if (waits && waits->has_it(stored_->address()))
    return;
  if (limit && stored_->waiting() >= *limit && !make_room(*limit))
    return count_drop(item);
  if (const auto code = stored_->failure(); code != errc::none) {
    ++local_.node.messages->counters().refused;
    if (waits && waits->take())
      waits->take()->fail(code);
    return count_drop(item);
  }
  const bool is_kept = stored_->append(item, how, session_ != nullptr);
  if (is_kept && !session_)
    tell_offline(local_, key(), item);
  if (is_kept && session_ && pending_.empty() && session_->can_take(item)
      && item.quality == qos::at_least_once)
    return send(std::move(item));
  if (is_kept) {
    mqtt::delivery none;
    static_cast<void>(pending_.push(std::move(item), std::nullopt, none));
    if (pending_.size() > 2 * stored_queue::resident_max)
      evict_oldest();
  }
  note_load();
}

/// By the drop rule of the order; false: the new one goes.
bool queue::make_room(std::size_t limit) {
  if (local_.config->messaging.queues.order == queue_order::fifo || limit == 0)
    return false;
  if (stored_->has_more()) {
    stored_->give_up(1);
    load_more();
  } else {
    const auto oldest = pending_.pop_oldest();
    count_drop(oldest);
    drop(oldest);
  }
  return true;
}

/// Nothing of it stays.
void queue::drop(const mqtt::delivery& item) {
  if (stored_ && item.stored != 0)
    stored_->erase(item);
}

/// A queue without a session keeps its messages on disk.
void queue::evict_all() {
  pending_.erase_if([this](const mqtt::delivery& item) {
    stored_->evict(item);
    return true;
  });
}

/// LIFO: what came first is what is needed last.
void queue::evict_oldest() {
  while (pending_.size() > stored_queue::resident_max)
    stored_->evict(pending_.pop_oldest());
}

void queue::load_more() {
  if (!stored_)
    return;
  const bool is_wanted = session_ && pending_.size() < refill_below;
  if (!is_wanted && !stored_->has_surplus())
    return;
  if (auto query = stored_->next_window())
    actor_.load(std::move(*query));
  note_loading();
}

/// What comes from the client meanwhile is answered after what was there
/// before.
void queue::note_loading() {
  if (session_)
    session_->set_loading(stored_ && stored_->is_asking() && pending_.empty());
}

void queue::on_window(const loaded_window& seen) {
  if (retired_ || !stored_)
    return;
  if (seen.is_drop) {
    local_.metrics.add(metric::queue_message_drop, stored_->drop(seen));
    if (seen.status != errc::none)
      actor_.drain_later();
    drain();
    return note_loading();
  }
  bool is_sound = false;
  for (auto& item : stored_->on_window(seen, is_sound))
    pending_.push_last(std::move(item));
  if (!session_)
    return evict_all();
  if (!is_sound)
    actor_.drain_later();
  drain();
  note_loading();
}

void queue::on_committed(batch_number batch, errc code) {
  if (retired_ || !stored_)
    return;
  if (code != errc::none)
    // Their publisher is told so, and sends them again as others.
    pending_.erase_if([&](const mqtt::delivery& item) {
      if (item.quality != qos::exactly_once || stored_->batch_of(item) != batch)
        return false;
      drop(item);
      return true;
    });
  else
    complete_received(batch);
  if (session_)
    drain();
}

// -- QoS 2 -------------------------------------------------------------------

bool queue::on_received(const mqtt::delivery& taken, mqtt::packet_id id) {
  if (!stored_ || taken.stored == 0)
    return true;
  stored_->note_received(taken, id);
  storing_.push_back({id, local_.storage->current(stored_->shard())});
  return false;
}

void queue::complete_received(batch_number batch) {
  std::vector<mqtt::packet_id> done;
  std::erase_if(storing_, [&](const storing_release& one) {
    if (one.batch > batch)
      return false;
    done.push_back(one.id);
    return true;
  });
  for (const auto id : done)
    if (session_)
      session_->complete_received(id);
    else if (auto* open = state_.outbound.find(id))
      mqtt::outbound_flow::on_received(*open);
}

void queue::on_settled(const mqtt::delivery& done) {
  if (!stored_ || done.stored == 0)
    return;
  if (done.message)
    stored_->erase(done);
  if (done.quality != qos::at_least_once)
    stored_->forget_received(mqtt::outbound_flow::id_of(done.stored));
}

bool queue::on_released(mqtt::packet_id id) {
  if (!stored_)
    return true;
  store_ticket ticket;
  ticket.kind = store_ticket::what::release;
  ticket.waiter = id_;
  ticket.id = id;
  receipt_source waits{local_, ticket};
  return !stored_->erase_marks(id, &waits);
}

// -- what this client publishes ----------------------------------------------

receipt_source queue::expect(store_ticket ticket) {
  ticket.waiter = id_;
  ticket.connection = connection_;
  std::vector<std::uint64_t> has_it;
  if (stored_ && ticket.quality == qos::exactly_once) {
    ticket.mark_owner = stored_->address();
    has_it = stored_->receivers_of(ticket.id);
  }
  if (local_.node.is_durability_relaxed)
    return {};
  return {local_, ticket, std::move(has_it)};
}

void queue::mark(receipt_source& waits) {
  if (!stored_)
    return;
  if (const auto& held = waits.take())
    stored_->put_mark(held);
}

void queue::on_refused(mqtt::packet_id id) {
  if (stored_)
    static_cast<void>(stored_->erase_marks(id, nullptr));
}

void queue::on_settlement(const settlement& of) {
  const auto& ticket = of.ticket;
  if (ticket.kind == store_ticket::what::publish && stored_
      && ticket.quality == qos::exactly_once)
    stored_->keep_marks(ticket.id, of.marks);
  if (session_)
    return session_->on_settlement(of);
  if (ticket.kind == store_ticket::what::release)
    state_.inbound.finish_release(ticket.id);
  else if (ticket.quality == qos::exactly_once)
    state_.inbound.complete_qos_2(ticket.id, of.code == errc::none);
}

} // namespace hetzel::messaging
