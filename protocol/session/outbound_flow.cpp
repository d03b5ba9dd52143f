#include "protocol/session/outbound_flow.hpp"

#include "protocol/assert.hpp"
#include "protocol/block_pool.hpp"

#include <limits>
#include <memory>
#include <new>

namespace hetzel::mqtt {

namespace {

// A client that had so many exchanges open gets as large a ring next time: the
// usual window of 3.x then does not grow its ring in every batch.
constexpr std::uint32_t remembered_capacity_max = 32;

constexpr std::size_t packet_id_count
  = std::numeric_limits<packet_id>::max(); // zero is none

constexpr packet_id successor(packet_id id) noexcept {
  return id == packet_id_count ? packet_id{1}
                               : static_cast<packet_id>(id + 1);
}

// How many steps of `successor` lead from one to the other.
constexpr std::size_t steps_between(packet_id from, packet_id to) noexcept {
  return to >= from ? std::size_t{to} - from : to + packet_id_count - from;
}

std::size_t ring_bytes(std::uint32_t capacity) noexcept {
  return capacity * sizeof(outbound_flow::exchange);
}

} // namespace

outbound_flow::outbound_flow(outbound_flow&& other) noexcept { swap(other); }

outbound_flow& outbound_flow::operator=(outbound_flow&& other) noexcept {
  outbound_flow taken{std::move(other)};
  swap(taken);
  return *this;
}

outbound_flow::~outbound_flow() { release(); }

// -- window -----------------------------------------------------------------

void outbound_flow::attach(std::uint16_t window) noexcept {
  window_ = window;
  sent_ = 0;
  open_ = 0;
}

std::size_t outbound_flow::credit() const noexcept {
  if (has_backlog() || open_ >= window_)
    return 0;
  std::size_t granted = window_ - open_;
  if (used_ == 0)
    return granted;
  // Ids are given out in turn, so the oldest exchange bars the way of the next
  // round. A client that acknowledges in order never comes near.
  auto distance = distance_from_front(next_id_);
  return distance == 0 ? 0 : std::min(granted, packet_id_count - distance);
}

// -- sending ----------------------------------------------------------------

void outbound_flow::open(delivery&& item, std::uint32_t now_ms) {
  HETZEL_ASSERT(can_open(item.stored));
  HETZEL_ASSERT(item.quality != qos::at_most_once);
  auto awaits
    = item.quality == qos::at_least_once ? step::puback : step::pubrec;
  auto id = next_id(item);
  add({std::move(item), now_ms, id, awaits});
  ++sent_;
  ++open_;
}

void outbound_flow::restore_released(packet_id id) {
  delivery none;
  none.stored = id;
  add({std::move(none), 0, id, step::pubcomp});
}

// Ids that are not the next ones break the order of the ring until it is empty.
void outbound_flow::add(exchange&& last) {
  if (ring_ == nullptr || used_ == capacity_)
    make_room();
  if (used_ == 0)
    is_in_turn_ = true;
  else if (distance_from_front(last.id)
           <= distance_from_front(at(used_ - 1).id))
    is_in_turn_ = false;
  next_id_ = successor(last.id);
  std::construct_at(&at(used_), std::move(last));
  ++used_;
  ++unsettled_;
}

outbound_flow::exchange* outbound_flow::next_of_backlog() noexcept {
  if (!has_backlog() || open_ >= window_)
    return nullptr;
  return &at(sent_);
}

void outbound_flow::mark_resent(std::uint32_t now_ms) noexcept {
  at(sent_).sent_at_ms = now_ms;
  ++sent_;
  ++open_;
  drop_holes();
}

// -- acknowledgement --------------------------------------------------------

outbound_flow::exchange*
outbound_flow::search(packet_id id) const noexcept {
  if (used_ == 0 || id == 0)
    return nullptr;
  if (!is_in_turn_)
    return look_through(id);
  auto distance = distance_from_front(id);
  auto* found = distance < used_ ? &at(distance) : nullptr;
  // With holes taken out of the ring an exchange may stand further in front.
  if (found == nullptr || found->id != id)
    found = bisect(distance);
  if (found == nullptr || found->awaits == step::settled)
    return nullptr;
  return found;
}

outbound_flow::exchange*
outbound_flow::look_through(packet_id id) const noexcept {
  for (std::size_t i = 0; i < used_; ++i)
    if (at(i).id == id && at(i).awaits != step::settled)
      return &at(i);
  return nullptr;
}

delivery outbound_flow::settle(exchange& open) noexcept {
  auto offset = static_cast<std::size_t>(&open - ring_);
  auto item = close((offset - head_) & (capacity_ - 1));
  drop_holes();
  return item;
}

// -- the ring ---------------------------------------------------------------

std::size_t outbound_flow::distance_from_front(packet_id id) const noexcept {
  return steps_between(at(0).id, id);
}

outbound_flow::exchange*
outbound_flow::bisect(std::size_t distance) const noexcept {
  std::size_t low = 0;
  auto high = std::min<std::size_t>(distance + 1, used_);
  while (low < high) {
    auto middle = (low + high) / 2;
    auto reached = distance_from_front(at(middle).id);
    if (reached == distance)
      return &at(middle);
    if (reached < distance)
      low = middle + 1;
    else
      high = middle;
  }
  return nullptr;
}

delivery outbound_flow::close(std::size_t index) noexcept {
  auto& closed = at(index);
  closed.awaits = step::settled;
  --unsettled_;
  if (index < sent_)
    --open_;
  return std::move(closed.item);
}

void outbound_flow::pop_front() noexcept {
  std::destroy_at(&at(0));
  head_ = (head_ + 1) & (capacity_ - 1);
  --used_;
  if (sent_ > 0)
    --sent_;
}

// Afterwards neither the ring nor the backlog begins with a hole.
void outbound_flow::drop_holes() noexcept {
  while (used_ > 0 && at(0).awaits == step::settled)
    pop_front();
  while (sent_ < used_ && at(sent_).awaits == step::settled)
    ++sent_;
  if (used_ == 0)
    release();
}

// Moves to a larger ring, or, when holes are the most of it, to one of the same
// size: a client that never answers one exchange cannot make it grow.
void outbound_flow::make_room() {
  auto is_crowded = ring_ != nullptr && unsettled_ > capacity_ / 2;
  auto capacity = is_crowded ? 2 * capacity_ : capacity_;
  auto* ring = static_cast<exchange*>(take_block(ring_bytes(capacity)));
  std::uint32_t kept = 0;
  auto sent = sent_;
  for (std::uint32_t i = 0; i < used_; ++i) {
    auto& old = at(i);
    if (old.awaits != step::settled)
      std::construct_at(ring + kept++, std::move(old));
    else if (i < sent_)
      --sent;
    std::destroy_at(&old);
  }
  if (ring_ != nullptr)
    give_block(ring_, ring_bytes(capacity_));
  ring_ = ring;
  capacity_ = capacity;
  head_ = 0;
  used_ = kept;
  sent_ = sent;
}

void outbound_flow::release() noexcept {
  if (ring_ == nullptr)
    return;
  for (std::uint32_t i = 0; i < used_; ++i)
    std::destroy_at(&at(i));
  give_block(ring_, ring_bytes(capacity_));
  ring_ = nullptr;
  capacity_ = std::min(capacity_, remembered_capacity_max);
  head_ = 0;
  used_ = 0;
}

void outbound_flow::swap(outbound_flow& other) noexcept {
  std::swap(ring_, other.ring_);
  std::swap(capacity_, other.capacity_);
  std::swap(head_, other.head_);
  std::swap(used_, other.used_);
  std::swap(unsettled_, other.unsettled_);
  std::swap(sent_, other.sent_);
  std::swap(open_, other.open_);
  std::swap(window_, other.window_);
  std::swap(next_id_, other.next_id_);
  std::swap(is_in_turn_, other.is_in_turn_);
}

} // namespace hetzel::mqtt
