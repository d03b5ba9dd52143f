#include "actors/messaging/queue_table.hpp"

#include "actors/messaging/queue_loads.hpp"
#include "protocol/assert.hpp"

#include <utility>

namespace hetzel::messaging {

queue_id queue_table::reserve(subscriber_key key) {
  std::uint32_t position = 0;
  if (!free_.empty()) {
    position = free_.back();
    free_.pop_back();
  } else if (slots_.size() < queue_loads::slots_max) {
    position = static_cast<std::uint32_t>(slots_.size());
    slots_.push_back({.key = {{}, {}}});
  } else {
    return queue_id{};
  }
  auto& entry = slots_[position];
  entry.key = std::move(key);
  entry.used = true;
  // Wraps after 16 million owners; zero stays "no queue".
  entry.generation = entry.generation % queue_id::generation_max + 1;
  const bool added = by_key_.emplace(entry.key.text(), position).second;
  HETZEL_ASSERT(added);
  return id_of(position);
}

void queue_table::bind(queue_id id, queue& owner) noexcept {
  slots_[id.slot()].owner = &owner;
}

void queue_table::release(queue_id id) noexcept {
  if (id.slot() >= slots_.size())
    return;
  auto& entry = slots_[id.slot()];
  if (!entry.used || entry.generation != id.generation())
    return;
  by_key_.erase(entry.key.text());
  entry.owner = nullptr;
  entry.used = false;
  entry.key = {{}, {}};
  free_.push_back(id.slot());
}

queue_id queue_table::find(const subscriber_key& key) const {
  const auto found = by_key_.find(key.text());
  return found == by_key_.end() ? queue_id{} : id_of(found->second);
}

const subscriber_key& queue_table::key_of(queue_id id) const {
  const auto& entry = slots_[id.slot()];
  HETZEL_ASSERT(entry.used && entry.generation == id.generation());
  return entry.key;
}

queue_id queue_table::id_of(std::uint32_t position) const noexcept {
  return {reactor_, slots_[position].generation, position};
}

} // namespace hetzel::messaging
