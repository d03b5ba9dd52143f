#include "actors/messaging/index/match_set.hpp"

namespace hetzel::messaging {

namespace {

const mqtt::subscription_ids no_ids;

queue_id::reactor_type reactor_of(const match_target& target) noexcept {
  return target.queue.reactor();
}

} // namespace

std::span<const match_target>
match_set::targets_of(queue_id::reactor_type reactor) const noexcept {
  const auto found
    = std::ranges::equal_range(targets_, reactor, {}, reactor_of);
  return {found.begin(), found.end()};
}

std::span<const match_target>
match_set::leading_batch(std::span<const match_target> targets) noexcept {
  const auto end = std::ranges::upper_bound(
    targets, reactor_of(targets.front()), {}, reactor_of);
  return {targets.begin(), end};
}

const mqtt::subscription_ids&
match_set::ids_of(const match_target& target) const noexcept {
  return target.ids == 0 ? no_ids : ids_[target.ids - 1];
}

const match_target*
match_set::own_target(const match_target& target) const noexcept {
  if (target.own == own_rule::none)
    return nullptr;
  // As few as there are clients with overlapping filters of both kinds.
  const auto found
    = std::ranges::lower_bound(own_, target.queue, {}, &match_target::queue);
  return &*found;
}

std::size_t match_set::memory_bytes() const noexcept {
  constexpr std::size_t id_list_bytes = 64;
  return sizeof *this + targets_.capacity() * sizeof(match_target)
         + shared_.capacity() * sizeof(shared_target)
         + own_.capacity() * sizeof(match_target)
         + ids_.capacity() * sizeof(mqtt::subscription_ids)
         + ids_.size() * id_list_bytes;
}

} // namespace hetzel::messaging
