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

push_verdict pending_queue::push(mqtt::delivery item,
                                 std::optional<std::size_t> limit,
                                 mqtt::delivery& dropped) {
  if (!limit || items_.size() < *limit) {
    append(items_, std::move(item));
    return push_verdict::queued;
  }
  if (order_ == queue_order::fifo || *limit == 0) {
    dropped = std::move(item);
    return push_verdict::dropped_new;
  }
  dropped = std::move(items_.front());
  items_.pop_front();
  append(items_, std::move(item));
  return push_verdict::dropped_oldest;
}

void pending_queue::push_last(mqtt::delivery item) {
  if (order_ == queue_order::fifo)
    return append(items_, std::move(item));
  make_room(items_);
  items_.push_front(std::move(item));
}

mqtt::delivery pending_queue::pop_oldest() {
  HETZEL_ASSERT(!items_.empty());
  auto item = std::move(items_.front());
  items_.pop_front();
  release_if_empty();
  return item;
}

const mqtt::delivery& pending_queue::next() const {
  HETZEL_ASSERT(!items_.empty());
  return order_ == queue_order::fifo ? items_.front() : items_.back();
}

mqtt::delivery pending_queue::pop() {
  HETZEL_ASSERT(!items_.empty());
  mqtt::delivery item;
  if (order_ == queue_order::fifo) {
    item = std::move(items_.front());
    items_.pop_front();
  } else {
    item = std::move(items_.back());
    items_.pop_back();
  }
  release_if_empty();
  return item;
}

std::size_t pending_queue::trim(std::size_t limit) {
  if (items_.size() <= limit)
    return 0;
  const auto surplus = items_.size() - limit;
  if (order_ == queue_order::fifo)
    items_.erase_end(surplus);
  else
    items_.erase_begin(surplus);
  return surplus;
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
