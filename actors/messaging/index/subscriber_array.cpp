#include "actors/messaging/index/subscriber_array.hpp"

#include <algorithm>

namespace hetzel::messaging {

namespace {

constexpr std::size_t indexed_from = 64;
/// Lower than where indexing starts, so that one subscriber who comes and goes
/// does not build the table each time.
constexpr std::size_t indexed_down_to = 32;

} // namespace

bool subscriber_array::insert(const subscription& added) {
  const auto position = find(added.queue);
  if (position < items_.size()) {
    items_[position] = added;
    return false;
  }
  items_.push_back(added);
  if (positions_)
    positions_->emplace(added.queue, static_cast<std::uint32_t>(position));
  else if (items_.size() >= indexed_from)
    index_all();
  return true;
}

bool subscriber_array::erase(queue_id queue) {
  const auto position = find(queue);
  if (position == items_.size())
    return false;
  if (positions_) {
    (*positions_)[items_.back().queue] = static_cast<std::uint32_t>(position);
    positions_->erase(queue);
  }
  items_[position] = items_.back();
  items_.pop_back();
  if (items_.size() < indexed_down_to)
    positions_.reset();
  if (items_.size() * 4 < items_.capacity())
    items_.shrink_to_fit();
  return true;
}

std::size_t subscriber_array::memory_bytes() const noexcept {
  // A flat map spends 15 of 16 places and one byte more per place.
  const auto map = positions_ ? positions_->bucket_count()
                                  * (sizeof(position_map::value_type) + 2)
                              : 0;
  return items_.capacity() * sizeof(subscription) + map;
}

std::size_t subscriber_array::find(queue_id queue) const {
  if (positions_) {
    const auto found = positions_->find(queue);
    return found == positions_->end() ? items_.size() : found->second;
  }
  const auto found = std::ranges::find(items_, queue, &subscription::queue);
  return static_cast<std::size_t>(found - items_.begin());
}

void subscriber_array::index_all() {
  positions_ = std::make_unique<position_map>(items_.size() * 2);
  for (std::uint32_t i = 0; i < items_.size(); ++i)
    positions_->emplace(items_[i].queue, i);
}

} // namespace hetzel::messaging
