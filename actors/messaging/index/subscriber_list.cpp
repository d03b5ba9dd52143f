#include "actors/messaging/index/subscriber_list.hpp"

#include "actors/messaging/index/match_builder.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace hetzel::messaging {

namespace {

/// The half of a subscription that is not its queue.
struct other_half {
  mqtt::subscription_options options;
  std::uint32_t subscription_id;
};

constexpr std::size_t allocation_overhead = 16;

} // namespace

struct subscriber_list::block {
  subscriber_array direct;
  /// Ordered by group name.
  std::vector<std::unique_ptr<share_subscribers>> groups;

  [[nodiscard]] auto position_of(mqtt::bytes_view share_group) noexcept {
    return std::ranges::lower_bound(
      groups, share_group, {}, [](const auto& group) {
        return mqtt::bytes_view{group->identity().share_group};
      });
  }

  [[nodiscard]] share_subscribers* find(mqtt::bytes_view share_group) noexcept {
    const auto found = position_of(share_group);
    return found != groups.end()
               && (*found)->identity().share_group == share_group
             ? found->get()
             : nullptr;
  }

  [[nodiscard]] std::size_t own_bytes() const noexcept {
    return sizeof(block) + allocation_overhead
           + groups.capacity() * sizeof(groups.front());
  }
};

subscriber_list::subscriber_list(subscriber_list&& other) noexcept
  : queue_(std::exchange(other.queue_, queue_id{})),
    rest_(std::exchange(other.rest_, 0)) {}

subscriber_list& subscriber_list::operator=(subscriber_list&& other) noexcept {
  std::swap(queue_, other.queue_);
  std::swap(rest_, other.rest_);
  return *this;
}

subscriber_list::~subscriber_list() {
  delete heap();
}

subscriber_list::block* subscriber_list::heap() const noexcept {
  return queue_ ? nullptr : std::bit_cast<block*>(rest_);
}

subscription subscriber_list::one() const noexcept {
  const auto half = std::bit_cast<other_half>(rest_);
  return {queue_, half.options, half.subscription_id};
}

subscriber_list::block& subscriber_list::make_block(std::size_t& heap_bytes) {
  if (auto* there = heap())
    return *there;
  auto made = std::make_unique<block>();
  if (queue_)
    made->direct.insert(one());
  heap_bytes += made->own_bytes() + made->direct.memory_bytes();
  queue_ = {};
  rest_ = std::bit_cast<std::uint64_t>(made.get());
  return *made.release();
}

void subscriber_list::drop_block_if_empty(std::size_t& heap_bytes) noexcept {
  auto& there = *heap();
  if (!there.direct.items().empty() || !there.groups.empty())
    return;
  heap_bytes -= there.own_bytes() + there.direct.memory_bytes();
  delete &there;
  rest_ = 0;
}

bool subscriber_list::insert(const subscription& added,
                             std::size_t& heap_bytes) {
  if (empty() || queue_ == added.queue) {
    const auto is_new = empty();
    queue_ = added.queue;
    rest_ = std::bit_cast<std::uint64_t>(
      other_half{added.options, added.subscription_id});
    return is_new;
  }
  auto& direct = make_block(heap_bytes).direct;
  heap_bytes -= direct.memory_bytes();
  const auto is_new = direct.insert(added);
  heap_bytes += direct.memory_bytes();
  return is_new;
}

bool subscriber_list::erase(queue_id queue, std::size_t& heap_bytes) {
  if (queue_) {
    if (queue_ != queue)
      return false;
    queue_ = {};
    rest_ = 0;
    return true;
  }
  if (empty())
    return false;
  auto& direct = heap()->direct;
  heap_bytes -= direct.memory_bytes();
  const auto existed = direct.erase(queue);
  heap_bytes += direct.memory_bytes();
  drop_block_if_empty(heap_bytes);
  return existed;
}

const share_subscribers*
subscriber_list::find_group(mqtt::bytes_view share_group) const noexcept {
  auto* there = heap();
  return there ? there->find(share_group) : nullptr;
}

void subscriber_list::add_group(std::shared_ptr<const share_identity> identity,
                                std::size_t& heap_bytes) {
  auto& there = make_block(heap_bytes);
  heap_bytes -= there.own_bytes();
  const auto position = there.position_of(identity->share_group);
  auto added = std::make_unique<share_subscribers>(std::move(identity));
  heap_bytes += added->memory_bytes();
  there.groups.insert(position, std::move(added));
  heap_bytes += there.own_bytes();
}

bool subscriber_list::insert_member(mqtt::bytes_view share_group,
                                    const subscription& added,
                                    std::size_t& heap_bytes) {
  auto& group = *heap()->find(share_group);
  heap_bytes -= group.memory_bytes();
  const auto is_new = group.insert(added);
  heap_bytes += group.memory_bytes();
  return is_new;
}

bool subscriber_list::erase_member(mqtt::bytes_view share_group, queue_id queue,
                                   std::size_t& heap_bytes) {
  auto* there = heap();
  auto* group = there ? there->find(share_group) : nullptr;
  if (!group)
    return false;
  heap_bytes -= group->memory_bytes();
  const auto existed = group->erase(queue);
  heap_bytes += group->memory_bytes();
  if (group->empty()) {
    heap_bytes -= group->memory_bytes();
    there->groups.erase(there->position_of(share_group));
    drop_block_if_empty(heap_bytes);
  }
  return existed;
}

void subscriber_list::add_to(match_builder& out) const {
  if (queue_)
    return out.add(one());
  const auto* there = heap();
  if (!there)
    return;
  if (!there->direct.items().empty())
    out.add(there->direct.items());
  for (const auto& group : there->groups)
    out.add(group->target());
}

} // namespace hetzel::messaging
