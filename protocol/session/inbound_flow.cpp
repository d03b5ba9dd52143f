#include "protocol/session/inbound_flow.hpp"

#include "protocol/block_pool.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace hetzel::mqtt {

namespace {

constexpr std::uint32_t initial_capacity = 16;

// At this size every id has a place of its own, so that nobody can choose ids
// that collide. Below, a client can make us probe some thousand entries; this
// is why the step before it is a small one.
constexpr std::uint32_t capacity_max = 65'536;
constexpr std::uint32_t probed_capacity_max = 2'048;

constexpr std::uint32_t larger_capacity(std::uint32_t capacity) noexcept {
  if (capacity == 0)
    return initial_capacity;
  return capacity < probed_capacity_max ? 2 * capacity : capacity_max;
}

} // namespace

inbound_flow::inbound_flow(inbound_flow&& other) noexcept { swap(other); }

inbound_flow& inbound_flow::operator=(inbound_flow&& other) noexcept {
  inbound_flow taken{std::move(other)};
  swap(taken);
  return *this;
}

inbound_flow::~inbound_flow() {
  if (table_ != nullptr)
    give_block(table_, capacity_ * sizeof(entry));
}

void inbound_flow::attach(std::uint16_t receive_maximum) noexcept {
  receive_maximum_ = receive_maximum;
  unanswered_ = 0;
  for (std::uint32_t i = 0; i < capacity_; ++i)
    table_[i].is_counted = false;
}

void inbound_flow::detach() {
  std::vector<packet_id> gone;
  for (std::uint32_t i = 0; i < capacity_; ++i)
    if (table_[i].in_routing && !table_[i].in_store)
      gone.push_back(table_[i].id);
  for (const auto id : gone)
    erase(*find(id));
}

// -- QoS 1 ------------------------------------------------------------------

inbound_flow::verdict inbound_flow::receive_qos_1() noexcept {
  return count_one() ? verdict::route : verdict::over_limit;
}

void inbound_flow::complete_qos_1() noexcept {
  if (unanswered_ > 0)
    --unanswered_;
}

// -- QoS 2 ------------------------------------------------------------------

inbound_flow::verdict inbound_flow::receive_qos_2(packet_id id) {
  auto* known = find(id);
  // The client spent its quota on a repeated PUBLISH too, once for each
  // connection (MQTT 5, 4.9).
  if ((known == nullptr || !known->is_counted) && !count_one())
    return verdict::over_limit;
  if (known == nullptr) {
    auto& fresh = insert(id);
    fresh.in_routing = true;
    fresh.is_counted = true;
    return verdict::route;
  }
  known->is_counted = true;
  if (known->is_restored) {
    known->is_restored = false;
    known->in_routing = true;
    return verdict::route;
  }
  return known->in_routing ? verdict::in_routing : verdict::answer;
}

bool inbound_flow::complete_qos_2(packet_id id, bool accepted) noexcept {
  auto* known = find(id);
  if (known == nullptr || !known->in_routing)
    return false;
  auto is_due = known->is_counted;
  known->in_routing = false;
  known->in_store = false;
  if (accepted)
    return is_due;
  if (is_due)
    --unanswered_;
  erase(*known);
  return is_due;
}

void inbound_flow::set_in_store(packet_id id, bool on) noexcept {
  if (auto* known = find(id))
    known->in_store = on;
}

inbound_flow::release_verdict inbound_flow::release(packet_id id) noexcept {
  auto* known = find(id);
  if (known == nullptr)
    return release_verdict::unknown;
  if (known->in_routing)
    return release_verdict::premature;
  if (known->in_release)
    return release_verdict::in_release;
  known->in_release = true;
  return release_verdict::released;
}

bool inbound_flow::finish_release(packet_id id) noexcept {
  auto* known = find(id);
  if (known == nullptr || !known->in_release)
    return false;
  if (known->is_counted)
    --unanswered_;
  erase(*known);
  return true;
}

void inbound_flow::restore(packet_id id) {
  if (find(id) == nullptr)
    insert(id).is_restored = true;
}

bool inbound_flow::count_one() noexcept {
  if (unanswered_ >= receive_maximum_)
    return false;
  ++unanswered_;
  return true;
}

// -- the table: open addressing, linear probing, no tombstones --------------

// Clients count ids up. Spread out, neighbours do not build one long run, which
// `erase` would have to walk. The multiplier is odd: a bijection of 16 bits.
std::uint32_t inbound_flow::home_of(packet_id id) const noexcept {
  auto spread = (id * 40'503U) & 0xFFFFU;
  return (spread * capacity_) >> 16;
}

inbound_flow::entry* inbound_flow::find(packet_id id) const noexcept {
  if (count_ == 0)
    return nullptr;
  auto mask = capacity_ - 1;
  for (auto at = home_of(id);; at = (at + 1) & mask) {
    if (table_[at].id == id)
      return &table_[at];
    if (table_[at].id == 0)
      return nullptr;
  }
}

inbound_flow::entry& inbound_flow::insert(packet_id id) {
  if (count_ >= capacity_ / 2 && capacity_ < capacity_max)
    grow();
  auto mask = capacity_ - 1;
  auto at = home_of(id);
  while (table_[at].id != 0)
    at = (at + 1) & mask;
  table_[at] = entry{id};
  ++count_;
  return table_[at];
}

void inbound_flow::erase(entry& gone) noexcept {
  if (--count_ == 0) {
    give_block(std::exchange(table_, nullptr), capacity_ * sizeof(entry));
    capacity_ = 0;
    return;
  }
  auto mask = capacity_ - 1;
  auto hole = static_cast<std::uint32_t>(&gone - table_);
  table_[hole] = entry{};
  if (capacity_ == capacity_max)
    return;
  // What follows without a gap moves up, unless that would put it in front of
  // its own place.
  for (auto at = (hole + 1) & mask; table_[at].id != 0; at = (at + 1) & mask) {
    auto home = home_of(table_[at].id);
    if (((at - home) & mask) < ((at - hole) & mask))
      continue;
    table_[hole] = std::exchange(table_[at], entry{});
    hole = at;
  }
}

void inbound_flow::grow() {
  auto old_capacity = capacity_;
  auto capacity = larger_capacity(capacity_);
  auto* memory = take_block(capacity * sizeof(entry));
  auto* old = std::exchange(table_, static_cast<entry*>(memory));
  std::uninitialized_value_construct_n(table_, capacity);
  capacity_ = capacity;
  count_ = 0;
  for (std::uint32_t i = 0; i < old_capacity; ++i)
    if (old[i].id != 0)
      insert(old[i].id) = old[i];
  if (old != nullptr)
    give_block(old, old_capacity * sizeof(entry));
}

void inbound_flow::swap(inbound_flow& other) noexcept {
  std::swap(table_, other.table_);
  std::swap(capacity_, other.capacity_);
  std::swap(count_, other.count_);
  std::swap(unanswered_, other.unanswered_);
  std::swap(receive_maximum_, other.receive_maximum_);
}

} // namespace hetzel::mqtt
