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
    // Of any receiver: their shards commit apart from that of the publisher's
    // own mark, so the erase of one may have outlived a crash and that of
    // another not. PUBREL, which comes again, has to find the rest, or the next
    // message with that id would pass for one that they have.
    for (const auto& mark : from->stored->marks)
      if (mark.id <= packet_id_max)
        state_.inbound.restore(static_cast<mqtt::packet_id>(mark.id));
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
    return stored_->await_stored(waits->take());
  if (limit && stored_->waiting() >= *limit && !make_room(*limit))
    return count_drop(item);
  if (!make_room_for(item))
    return count_bytes_drop(item);
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

/// The same for its bytes. One alone fits in any case, unless nothing does.
bool queue::make_room_for(const mqtt::delivery& item) {
  const auto& limit = bytes_limit();
  if (!limit)
    return true;
  const auto size = counted_bytes(*item.message);
  const auto is_room = [&] {
    const auto waiting = waiting_bytes();
    return *limit > 0 && (waiting == 0 || waiting + size <= *limit);
  };
  if (is_room())
    return true;
  if (local_.config->messaging.queues.order == queue_order::fifo
      || *limit == 0)
    return false;
  while (!is_room() && !pending_.empty()
         && !(stored_ && stored_->has_more())) {
    const auto oldest = pending_.pop_oldest();
    count_bytes_drop(oldest);
    drop(oldest);
  }
  if (stored_ && !is_room()) {
    const auto all = stored_->waiting_bytes();
    stored_->give_up_bytes(std::min(all, all + size - *limit));
    load_more();
  }
  return true;
}

std::size_t queue::waiting_bytes() const {
  const auto in_memory = pending_.bytes();
  return stored_ ? std::max(in_memory, stored_->waiting_bytes()) : in_memory;
}

const std::optional<std::size_t>& queue::bytes_limit() const {
  return session_ ? limits().online_bytes_max : limits().offline_bytes_max;
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
  else if (stored_->rest_if_failing())
    actor_.load_later();
  note_loading();
}

/// What comes from the client meanwhile is answered after what was there
/// before.
void queue::note_loading() {
  if (session_)
    session_->set_loading(stored_ && stored_->is_asking() && pending_.empty());
}

void queue::load_again() {
  if (stored_)
    stored_->ask_again();
  if (std::exchange(is_unwritten_, false) && stored_)
    stored_->await_batch();
  drain();
}

void queue::on_window(const loaded_window& seen) {
  if (retired_ || !stored_)
    return;
  if (seen.is_drop) {
    const auto dropped = stored_->drop(seen);
    local_.metrics.add(metric::queue_message_drop, dropped.messages);
    local_.metrics.add(metric::queue_bytes_drop, dropped.for_bytes);
    if (seen.status != errc::none)
      actor_.load_later();
    drain();
    return note_loading();
  }
  bool is_sound = false;
  for (auto& item : stored_->on_window(seen, is_sound))
    pending_.push_last(std::move(item));
  if (!is_sound)
    actor_.load_later();
  if (!session_)
    return evict_all();
  drain();
  note_loading();
}

/// Also what waits in memory: a full window holds it up.
bool queue::on_expired(const expired_messages& found) {
  if (retired_ || !stored_)
    return false;
  const auto erased = stored_->expire(found);
  auto gone = erased.value_or(0);
  const auto now = local_.home.now();
  pending_.erase_if([&](const mqtt::delivery& item) {
    if (!item.message->is_expired(now))
      return false;
    drop(item);
    ++gone;
    return true;
  });
  local_.metrics.add(metric::queue_message_expired, gone);
  note_load();
  return erased.has_value();
}

void queue::on_committed(batch_number batch, errc code) {
  if (retired_ || !stored_)
    return;
  if (code == errc::none)
    complete_received(batch);
  else if (!std::exchange(is_unwritten_, true))
    actor_.load_later();
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

// -- messages of a share group -----------------------------------------------

/// Gives it to another member; false: there is none. What is on disk stays
/// there until it is on disk with the other.
bool queue::give_away(const mqtt::delivery& item) {
  if (item.share == 0)
    return false;
  store_ticket ticket;
  ticket.kind = store_ticket::what::given;
  ticket.waiter = id_;
  ticket.stored = item.stored;
  receipt_source waits;
  if (stored_ && item.stored != 0 && !retired_)
    waits = {local_, ticket};
  if (!local_.router.redistribute(item, id_, !retired_, &waits))
    return false;
  if (waits.was_taken())
    stored_->note_given(item);
  else
    drop(item);
  return true;
}

void queue::on_given(std::uint64_t stored, errc code) {
  if (retired_ || !stored_)
    return;
  stored_->end_given(stored, code == errc::none);
  note_load();
  if (session_)
    drain();
}

// -- what this client publishes ----------------------------------------------

receipt_source queue::expect(store_ticket ticket,
                             net::message_durability level,
                             bool is_duplicate) {
  ticket.waiter = id_;
  ticket.connection = connection_;
  ticket.is_synced = level == net::message_durability::synced;
  std::vector<std::uint64_t> has_it;
  if (stored_ && ticket.quality == qos::exactly_once) {
    ticket.mark_owner = stored_->address();
    ticket.mark_id = ticket.id;
    if (is_duplicate)
      has_it = stored_->receivers_of(ticket.id);
    else
      static_cast<void>(stored_->erase_marks(ticket.id, nullptr));
  }
  if (level == net::message_durability::relaxed)
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
  if (ticket.kind == store_ticket::what::will)
    return on_will_stored(of);
  if (ticket.kind == store_ticket::what::given)
    return on_given(ticket.stored, of.code);
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
