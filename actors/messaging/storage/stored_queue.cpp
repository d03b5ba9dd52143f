#include "actors/messaging/storage/stored_queue.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/site.hpp"
#include "actors/messaging/storage/message_disk.hpp"
#include "actors/messaging/storage/stored_message.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::messaging {

namespace {

using persistence::sequence;

/// Messages that may be sent before the image is to be stored again.
constexpr std::uint64_t sending_ahead = 10'000;

persistence::queue_name name_of(const subscriber_key& key) {
  return {std::string{key.mountpoint()}, std::string{key.client_id()}};
}

/// Bytes that are encoded, for as long as a store batch copies them.
struct scratch {
  std::string header;
  std::string body;
};

scratch& cleared_scratch() {
  static thread_local scratch bytes;
  bytes.header.clear();
  bytes.body.clear();
  return bytes;
}

} // namespace

stored_queue::stored_queue(site& local, queue_id owner,
                           const subscriber_key& key, std::uint64_t first)
  : local_(local),
    owner_(owner),
    shard_(local.node.messages->shard_of(key)),
    name_(name_of(key)),
    disk_(local.node.messages->allocate_queue(shard_),
          {.floor = sequence{first}, .next = sequence{first}}),
    is_lifo_(local.config->messaging.queues.order == queue_order::lifo),
    border_(first) {
  log().batch(shard_).create_queue(disk_.id(), name_);
}

stored_queue::stored_queue(site& local, queue_id owner,
                           const subscriber_key& key,
                           const stored_origin& from)
  : local_(local),
    owner_(owner),
    shard_(local.node.messages->shard_of(key)),
    name_(name_of(key)),
    disk_(from.id, from.ledger),
    is_lifo_(local.config->messaging.queues.order == queue_order::lifo),
    border_(persistence::number(is_lifo_ ? from.ledger.next
                                         : from.ledger.floor)),
    has_more_(from.ledger.count > 0),
    image_(from.image),
    sent_before_(std::min(from.image.sent_up_to,
                          persistence::number(from.ledger.next) - 1)) {
  for (const auto& mark : from.marks)
    marks_[mark.id].push_back(mark);
}

void stored_queue::remove() {
  log().batch(shard_).erase_queue(disk_.id(), name_, persistence::no_deadline);
  while (!marks_.empty())
    static_cast<void>(erase_marks(marks_.begin()->first, nullptr));
}

stored_origin stored_queue::origin() const {
  stored_origin made{disk_.id(), disk_.ledger(), image_, {}};
  for (const auto& [id, marks] : marks_)
    made.marks.insert(made.marks.end(), marks.begin(), marks.end());
  return made;
}

journal& stored_queue::log() const noexcept { return *local_.storage; }

// -- messages -----------------------------------------------------------------

persistence::errc stored_queue::failure() const noexcept {
  return local_.node.messages->failure(shard_);
}

bool stored_queue::append(mqtt::delivery& item, const storing& how,
                          bool is_online) {
  const auto now = local_.home.now();
  auto& bytes = cleared_scratch();
  encode_header(bytes.header, item, local_.share_names.name_of(item.share));
  persistence::entry_record record;
  record.header = bytes.header;
  if (how.body && how.body->left > 0) {
    --how.body->left;
    record.reference = how.body->reference;
  } else {
    encode_body(bytes.body, *item.message);
    record.body = bytes.body;
  }
  if (item.message->expires_at())
    record.expires = deadline_of(*item.message, at_wall_clock(now));
  const auto stub = disk_.append(log().batch(shard_), record);
  item.stored = persistence::number(stub.at);
  if (how.waits)
    if (const auto& held = how.waits->take()) {
      log().hold(shard_, held);
      if (held->ticket().mark_owner != 0)
        held->add_mark(log().batch(shard_), address());
    }
  if (item.quality == mqtt::qos::exactly_once)
    log().tell(shard_, owner_);
  if (is_online)
    note_sending(item.stored);
  if (keeps(is_online)) {
    residents_.emplace(item.stored, resident{stub, log().current(shard_)});
    return true;
  }
  if (!is_lifo_ && !has_more_)
    border_ = item.stored;
  if (is_lifo_)
    border_ = item.stored + 1;
  has_more_ = true;
  return false;
}

/// What waits in memory is the front of the queue, or (LIFO) its back.
bool stored_queue::keeps(bool is_online) const noexcept {
  return is_online && (is_lifo_ || (!has_more_
                                    && residents_.size() < resident_max));
}

void stored_queue::erase(const mqtt::delivery& item) {
  const auto found = residents_.find(item.stored);
  if (found == residents_.end())
    return;
  leave_flight(found->second);
  forget(found->second.stub);
  residents_.erase(found);
}

void stored_queue::leave_flight(const resident& one) noexcept {
  if (!one.is_sent)
    return;
  --in_flight_;
  in_flight_bytes_ -= one.stub.bytes;
}

/// Once for each: the count of the queue goes down.
void stored_queue::forget(const persistence::entry_stub& stub) {
  disk_.erase(log().batch(shard_), stub);
  erased_in_ = log().current(shard_);
}

/// Not while a window may bring them, nor when one of them may have been erased
/// since they were read.
std::optional<std::size_t>
stored_queue::expire(const expired_messages& found) {
  if (found.queue != disk_.id() || found.seen < erased_in_ || is_asking_
      || has_surplus())
    return std::nullopt;
  std::size_t gone = 0;
  for (const auto& stub : found.messages)
    if (stub.at >= disk_.ledger().floor
        && !residents_.contains(persistence::number(stub.at))) {
      forget(stub);
      ++gone;
    }
  return gone;
}

void stored_queue::note_sent(const mqtt::delivery& item) {
  const auto found = residents_.find(item.stored);
  if (found == residents_.end() || std::exchange(found->second.is_sent, true))
    return;
  ++in_flight_;
  in_flight_bytes_ += found->second.stub.bytes;
}

bool stored_queue::is_committed(const mqtt::delivery& item) const {
  const auto found = residents_.find(item.stored);
  return found == residents_.end()
         || found->second.batch <= log().committed(shard_);
}

std::size_t stored_queue::waiting() const noexcept {
  const auto all = static_cast<std::size_t>(disk_.count());
  const auto others = in_flight_ + surplus_;
  return all > others ? all - others : 0;
}

std::size_t stored_queue::waiting_bytes() const noexcept {
  const auto all = static_cast<std::size_t>(disk_.bytes());
  const auto others = in_flight_bytes_ + surplus_bytes();
  return all > others ? all - others : 0;
}

/// Of those that are many too many nobody knows the bytes before they are read.
std::size_t stored_queue::surplus_bytes() const noexcept {
  const auto count = std::max<std::uint64_t>(disk_.count(), 1);
  const auto average = static_cast<std::size_t>(disk_.bytes() / count);
  return std::max(surplus_bytes_, surplus_ * average);
}

void stored_queue::give_up_bytes(std::size_t bytes) noexcept {
  surplus_bytes_ = surplus_bytes() + bytes;
}

/// Before the first window is asked for, so that it is on disk when that comes.
void stored_queue::go_online() {
  is_resting_ = false;
  if (disk_.count() > 0)
    note_sending(persistence::number(disk_.ledger().next) - 1);
}

/// In the batch of the message or an earlier one; ahead, to be seldom.
void stored_queue::note_sending(std::uint64_t up_to) {
  if (up_to <= image_.sent_up_to)
    return;
  image_.sent_up_to = up_to + sending_ahead;
  put_image();
}

// -- memory -------------------------------------------------------------------

void stored_queue::evict(const mqtt::delivery& item) {
  if (residents_.erase(item.stored) != 0)
    load_again(item.stored);
}

void stored_queue::load_again(std::uint64_t stored) {
  if (is_lifo_)
    border_ = has_more_ ? std::max(border_, stored + 1) : stored + 1;
  else
    border_ = has_more_ ? std::min(border_, stored) : stored;
  has_more_ = true;
}

void stored_queue::end_given(std::uint64_t stored, bool is_taken) {
  const auto found = residents_.find(stored);
  if (found == residents_.end())
    return;
  leave_flight(found->second);
  const auto stub = found->second.stub;
  residents_.erase(found);
  if (is_taken)
    forget(stub);
  else
    load_again(stored);
}

std::optional<window_query> stored_queue::next_window() {
  if (!has_more_ || is_asking_ || is_resting_
      || failure() != persistence::errc::none)
    return std::nullopt;
  is_asking_ = true;
  asked_next_ = persistence::number(disk_.ledger().next);
  // The writer is to see all that was stored before.
  log().send(shard_);
  window_query query;
  query.queue = disk_.id();
  query.is_drop = has_surplus();
  query.what.newest_first = is_lifo_ != query.is_drop;
  query.what.count_max = window_count;
  query.what.bytes_max = window_bytes;
  if (query.is_drop)
    query.what.count_max = surplus_bytes_ > 0
                             ? window_count
                             : std::min(surplus_ + in_flight_, window_count);
  else if (is_lifo_)
    query.what.to = sequence{border_};
  else
    query.what.from = sequence{border_};
  return query;
}

bool stored_queue::rest_if_failing() noexcept {
  if (!has_more_ || is_asking_ || is_resting_
      || failure() == persistence::errc::none)
    return false;
  is_resting_ = true;
  return true;
}

std::vector<mqtt::delivery>
stored_queue::on_window(const loaded_window& seen, bool& is_sound) {
  is_asking_ = false;
  is_sound = seen.status == persistence::errc::none;
  is_resting_ = !is_sound;
  static_cast<void>(forget_lost(seen));
  // Then there is nothing before what was read.
  const bool is_front = residents_.empty();
  std::vector<mqtt::delivery> loaded;
  for (const auto& [stub, item, share] : seen.messages) {
    if (!residents_.emplace(item.stored, resident{stub, 0}).second)
      continue; // in flight
    loaded.push_back(item);
    loaded.back().dup = item.stored <= sent_before_;
    if (!share.empty())
      loaded.back().share
        = local_.share_names.number_of(name_.mountpoint, share);
  }
  if (!is_sound)
    return loaded;
  if (is_lifo_) {
    border_ = seen.at_end ? 0 : persistence::number(seen.rest.to);
    has_more_ = !seen.at_end;
    return loaded;
  }
  border_ = seen.at_end ? asked_next_ : persistence::number(seen.rest.from);
  has_more_ = border_ < persistence::number(disk_.ledger().next);
  // What was erased before is not looked at again.
  if (!seen.messages.empty() && is_front)
    disk_.raise_floor(seen.messages.front().stub.at);
  return loaded;
}

std::size_t stored_queue::forget_lost(const loaded_window& seen) {
  std::size_t count = 0;
  for (const auto& stub : seen.lost)
    if (!residents_.contains(persistence::number(stub.at))) {
      forget(stub);
      ++count;
    }
  return count;
}

stored_queue::drop_count stored_queue::drop(const loaded_window& seen) {
  is_asking_ = false;
  is_resting_ = seen.status != persistence::errc::none;
  // They are too many no longer.
  const auto lost = forget_lost(seen);
  surplus_ -= std::min(surplus_, lost);
  drop_count dropped;
  for (const auto& one : seen.messages) {
    if (!has_surplus() || residents_.contains(one.item.stored))
      continue;
    forget(one.stub);
    ++dropped.messages;
    dropped.for_bytes += surplus_ == 0 ? 1 : 0;
    surplus_ -= std::min<std::size_t>(surplus_, 1);
    surplus_bytes_ -= std::min<std::size_t>(surplus_bytes_, one.stub.bytes);
  }
  // There were fewer than was thought.
  if (dropped.messages + lost == 0
      && seen.status == persistence::errc::none) {
    surplus_ = 0;
    surplus_bytes_ = 0;
  }
  return dropped;
}

// -- QoS 2 --------------------------------------------------------------------

void stored_queue::note_received(const mqtt::delivery& item,
                                 mqtt::packet_id id) {
  erase(item);
  image_.received.push_back(id);
  put_image();
  log().tell(shard_, owner_);
}

void stored_queue::forget_received(mqtt::packet_id id) {
  if (std::erase(image_.received, id) != 0)
    put_image();
}

void stored_queue::put_image() {
  log().batch(shard_).put_session(disk_.id(), encode(image_),
                                  persistence::no_deadline);
}

/// A shard takes the batches of a reactor in their order, and keeps what it
/// could not write for the next.
void stored_queue::await_stored(const receipt_ptr& waits) {
  static_cast<void>(log().batch(shard_));
  log().hold(shard_, waits);
}

void stored_queue::await_batch() {
  static_cast<void>(log().batch(shard_));
  log().tell(shard_, owner_);
}

void stored_queue::put_mark(const receipt_ptr& waits) {
  waits->add_mark(log().batch(shard_), address());
  log().hold(shard_, waits);
}

void stored_queue::keep_marks(
  std::uint64_t id, const std::vector<persistence::receive_mark>& marks) {
  // Those of a former life stay: they are on disk as well.
  auto& known = marks_[id];
  for (const auto& mark : marks)
    if (std::find(known.begin(), known.end(), mark) == known.end())
      known.push_back(mark);
}

void stored_queue::forget_wills_but(std::uint64_t id) {
  std::vector<std::uint64_t> gone;
  for (const auto& [known, marks] : marks_)
    if (known > packet_id_max && known != id)
      gone.push_back(known);
  for (const auto one : gone)
    static_cast<void>(erase_marks(one, nullptr));
}

bool stored_queue::erase_marks(std::uint64_t id, receipt_source* waits) {
  const auto found = marks_.find(id);
  if (found == marks_.end())
    return false;
  for (const auto& mark : found->second) {
    const auto shard = shard_at(mark.receiver);
    log().batch(shard).erase_mark(mark);
    if (waits)
      log().hold(shard, waits->take());
  }
  marks_.erase(found);
  return true;
}

std::vector<std::uint64_t> stored_queue::receivers_of(std::uint64_t id) {
  std::vector<std::uint64_t> receivers;
  if (const auto found = marks_.find(id); found != marks_.end())
    for (const auto& mark : found->second)
      receivers.push_back(mark.receiver);
  return receivers;
}

} // namespace hetzel::messaging
