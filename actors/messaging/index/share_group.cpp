#include "actors/messaging/index/share_group.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace hetzel::messaging {

namespace {

mqtt::subscription_ids single_id(std::uint32_t id) {
  return id == 0 ? nullptr
                 : std::make_shared<const std::vector<std::uint32_t>>(1, id);
}

std::string name_of(mqtt::bytes_view mountpoint, mqtt::bytes_view share_group,
                    mqtt::bytes_view topic_filter) {
  std::string name;
  name.reserve(mountpoint.size() + share_group.size() + topic_filter.size()
               + 2);
  name += mountpoint;
  name += '\xFF';
  name += share_group;
  name += '\xFF';
  name += topic_filter;
  return name;
}

std::string name_of(const share_identity& group) {
  return name_of(group.mountpoint, group.share_group, group.topic_filter);
}

const mqtt::subscription_ids no_ids;

} // namespace

share_members::share_members(std::vector<subscription> members)
  : members_(std::move(members)) {
  if (std::ranges::all_of(members_, [](const subscription& member) {
        return member.subscription_id == 0;
      }))
    return;
  // Clients of one make use one identifier: neighbours share a list.
  ids_.reserve(members_.size());
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const auto id = members_[i].subscription_id;
    const auto is_same = i > 0 && members_[i - 1].subscription_id == id;
    ids_.push_back(is_same ? ids_.back() : single_id(id));
  }
}

const mqtt::subscription_ids&
share_members::ids_of(std::size_t position) const noexcept {
  return ids_.empty() ? no_ids : ids_[position];
}

std::size_t share_members::memory_bytes() const noexcept {
  return sizeof *this + members_.capacity() * sizeof(subscription)
         + ids_.capacity() * sizeof(mqtt::subscription_ids);
}

std::shared_ptr<share_registry> share_registry::make() {
  return std::shared_ptr<share_registry>{new share_registry};
}

std::shared_ptr<const share_identity>
share_registry::acquire(mqtt::bytes_view mountpoint,
                        mqtt::bytes_view share_group,
                        mqtt::bytes_view topic_filter) {
  auto name = name_of(mountpoint, share_group, topic_filter);
  std::lock_guard guard{mutex_};
  if (const auto known = by_name_.find(name); known != by_name_.end())
    if (auto group = by_id_[known->second].lock())
      return group;
  auto made = std::make_unique<share_identity>();
  made->id = next_free_id();
  made->mountpoint = mountpoint;
  made->share_group = share_group;
  made->topic_filter = topic_filter;
  // The registry may go before the last match does.
  auto forget = [registry = weak_from_this()](const share_identity* last) {
    if (const auto there = registry.lock())
      there->release(*last);
    delete last;
  };
  std::shared_ptr<const share_identity> group{made.release(), forget};
  by_id_[group->id] = group;
  by_name_[std::move(name)] = group->id;
  return group;
}

std::shared_ptr<const share_identity>
share_registry::find(mqtt::share_id id) const {
  std::lock_guard guard{mutex_};
  const auto known = by_id_.find(id);
  return known == by_id_.end() ? nullptr : known->second.lock();
}

std::shared_ptr<const share_identity>
share_registry::find(mqtt::bytes_view mountpoint, mqtt::bytes_view share_group,
                     mqtt::bytes_view topic_filter) const {
  const auto name = name_of(mountpoint, share_group, topic_filter);
  std::lock_guard guard{mutex_};
  const auto known = by_name_.find(name);
  return known == by_name_.end() ? nullptr
                                 : by_id_.at(known->second).lock();
}

std::size_t share_registry::size() const {
  std::lock_guard guard{mutex_};
  return by_id_.size();
}

mqtt::share_id share_registry::next_free_id() {
  do
    ++last_id_;
  while (last_id_ == 0 || by_id_.contains(last_id_));
  return last_id_;
}

void share_registry::release(const share_identity& last) noexcept {
  std::lock_guard guard{mutex_};
  by_id_.erase(last.id);
  // Between the last owner's leaving and this call the name may have been
  // given to a successor.
  const auto named = by_name_.find(name_of(last));
  if (named != by_name_.end() && named->second == last.id)
    by_name_.erase(named);
}

} // namespace hetzel::messaging
