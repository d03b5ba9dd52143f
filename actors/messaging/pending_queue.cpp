#include "actors/messaging/pending_queue.hpp"

#include "protocol/assert.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::messaging {

namespace {

constexpr std::size_t capacity_min = 8;

/// Memory up to here is kept by an empty queue that was busy a moment ago.
constexpr std::size_t capacity_kept_max = 64;

} // namespace

std::size_t counted_bytes(const mqtt::message& message) noexcept {
  // Versions, flags and lengths.
  constexpr std::size_t rest = 7;
  return rest + message.mountpoint().size() + message.topic_name().size()
         + message.properties().bytes().size() + message.payload().size();
}

push_verdict pending_queue::push(mqtt::delivery item,
                                 std::optional<std::size_t> limit,
                                 mqtt::delivery& dropped) {
  const bool has_room = !limit || items_.size() < *limit;
  if (!has_room && (order_ == queue_order::fifo || *limit == 0)) {
    dropped = std::move(item);
    return push_verdict::dropped_new;
  }
  if (!has_room)
    dropped = take_front();
  bytes_ += counted_bytes(*item.message);
  append(items_, std::move(item));
  return has_room ? push_verdict::queued : push_verdict::dropped_oldest;
}

void pending_queue::push_last(mqtt::delivery item) {
  bytes_ += counted_bytes(*item.message);
  if (order_ == queue_order::fifo)
    return append(items_, std::move(item));
  make_room(items_);
  items_.push_front(std::move(item));
}

mqtt::delivery pending_queue::pop_oldest() {
  HETZEL_ASSERT(!items_.empty());
  auto item = take_front();
  release_if_empty();
  return item;
}

const mqtt::delivery& pending_queue::next() const {
  HETZEL_ASSERT(!items_.empty());
  return order_ == queue_order::fifo ? items_.front() : items_.back();
}

mqtt::delivery pending_queue::pop() {
  HETZEL_ASSERT(!items_.empty());
  auto item = order_ == queue_order::fifo ? take_front() : take_back();
  release_if_empty();
  return item;
}

std::size_t pending_queue::trim(std::size_t limit) {
  std::size_t dropped = 0;
  for (; items_.size() > limit; ++dropped)
    drop_one();
  return dropped;
}

std::size_t pending_queue::trim_bytes(std::size_t limit) {
  std::size_t dropped = 0;
  for (; bytes_ > limit; ++dropped)
    drop_one();
  return dropped;
}

void pending_queue::drop_one() {
  static_cast<void>(order_ == queue_order::fifo ? take_back() : take_front());
}

mqtt::delivery pending_queue::take_front() {
  auto item = std::move(items_.front());
  items_.pop_front();
  bytes_ -= counted_bytes(*item.message);
  return item;
}

mqtt::delivery pending_queue::take_back() {
  auto item = std::move(items_.back());
  items_.pop_back();
  bytes_ -= counted_bytes(*item.message);
  return item;
}

void pending_queue::append(boost::circular_buffer<mqtt::delivery>& to,
                           mqtt::delivery item) {
  make_room(to);
  to.push_back(std::move(item));
}

void pending_queue::make_room(boost::circular_buffer<mqtt::delivery>& in) {
  if (in.full())
    in.set_capacity(std::max(capacity_min, in.capacity() * 2));
}

void pending_queue::release_if_empty() {
  if (items_.empty() && items_.capacity() > capacity_kept_max)
    items_.set_capacity(0);
}

} // namespace hetzel::messaging
