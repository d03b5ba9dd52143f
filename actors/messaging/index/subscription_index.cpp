#include "actors/messaging/index/subscription_index.hpp"

#include "actors/messaging/index/filter_tree.hpp"
#include "actors/messaging/index/levels.hpp"
#include "actors/messaging/index/match_builder.hpp"
#include "actors/messaging/index/subscription_search.hpp"
#include "actors/messaging/index/whole_names.hpp"

#include <utility>

namespace hetzel::messaging {

struct subscription_index::implementation {
  explicit implementation(subscription_index_options&& options)
    : shares(options.shares ? std::move(options.shares)
                            : share_registry::make()),
      arena(options.arena ? std::move(options.arena)
                          : std::make_shared<chunk_arena>()),
      hash_seed(options.hash_seed),
      tree(hash_seed, arena),
      names(hash_seed, arena) {}

  /// Where the subscribers of a filter are.
  struct place {
    enum kind : std::uint8_t { name, here, rest };

    kind in = name;
    node_id node = 0; ///< zero: nowhere
  };

  place find(mqtt::bytes_view mountpoint, mqtt::bytes_view topic_filter) const;
  place make(mqtt::bytes_view mountpoint, mqtt::bytes_view topic_filter);
  subscriber_list& list_at(place where);
  void release_if_empty(place where);

  std::shared_ptr<share_registry> shares;
  std::shared_ptr<chunk_arena> arena;
  std::uint64_t hash_seed;
  filter_tree tree;
  whole_names names;
  subscription_parts parts{tree, names};
  std::size_t size = 0;
  /// Of subscriber lists outside their nodes.
  std::size_t heap_bytes = 0;
};

subscription_index::implementation::place
subscription_index::implementation::find(mqtt::bytes_view mountpoint,
                                         mqtt::bytes_view topic_filter) const {
  const auto root = tree.find_root(mountpoint);
  if (root == 0)
    return {};
  if (!has_wildcard(topic_filter)) {
    const auto hash = names.hash_of(root, topic_filter);
    return {place::name, names.find(root, topic_filter, hash)};
  }
  const auto split_at = split(topic_filter);
  return {split_at.has_rest ? place::rest : place::here,
          tree.find(root, split_at.levels)};
}

subscription_index::implementation::place
subscription_index::implementation::make(mqtt::bytes_view mountpoint,
                                         mqtt::bytes_view topic_filter) {
  if (const auto there = find(mountpoint, topic_filter); there.node != 0)
    return there;
  const auto root = tree.make_root(mountpoint);
  if (!has_wildcard(topic_filter)) {
    ++tree.at(root).children;
    return {place::name, names.make(root, topic_filter)};
  }
  const auto split_at = split(topic_filter);
  return {split_at.has_rest ? place::rest : place::here,
          tree.make(root, split_at.levels)};
}

subscriber_list& subscription_index::implementation::list_at(place where) {
  switch (where.in) {
  case place::name:
    return names.at(where.node).list;
  case place::here:
    return tree.at(where.node).here;
  case place::rest:
    break;
  }
  return tree.at(where.node).rest;
}

void subscription_index::implementation::release_if_empty(place where) {
  if (!list_at(where).empty())
    return;
  if (where.in != place::name)
    return tree.release(where.node);
  const auto root = names.at(where.node).root;
  names.free(where.node);
  --tree.at(root).children;
  tree.release(root);
}

subscription_index::subscription_index(subscription_index_options options)
  : impl_(std::make_unique<implementation>(std::move(options))) {}

subscription_index::~subscription_index() = default;

subscription_index::subscription_index(
  subscription_index&& other) noexcept = default;

subscription_index&
subscription_index::operator=(subscription_index&& other) noexcept = default;

insert_outcome subscription_index::insert(mqtt::bytes_view mountpoint,
                                          const mqtt::parsed_filter& filter,
                                          const subscription& added) {
  auto& self = *impl_;
  auto& list = self.list_at(self.make(mountpoint, filter.topic_filter));
  bool is_new = false;
  if (filter.share_group.empty()) {
    is_new = list.insert(added, self.heap_bytes);
  } else {
    if (!list.find_group(filter.share_group))
      list.add_group(self.shares->acquire(mountpoint, filter.share_group,
                                          filter.topic_filter),
                     self.heap_bytes);
    is_new = list.insert_member(filter.share_group, added, self.heap_bytes);
  }
  self.size += is_new ? 1 : 0;
  return is_new ? insert_outcome::inserted : insert_outcome::replaced;
}

bool subscription_index::erase(mqtt::bytes_view mountpoint,
                               const mqtt::parsed_filter& filter,
                               queue_id queue) {
  auto& self = *impl_;
  const auto where = self.find(mountpoint, filter.topic_filter);
  if (where.node == 0)
    return false;
  auto& list = self.list_at(where);
  const auto existed
    = filter.share_group.empty()
        ? list.erase(queue, self.heap_bytes)
        : list.erase_member(filter.share_group, queue, self.heap_bytes);
  if (!existed)
    return false;
  --self.size;
  self.release_if_empty(where);
  return true;
}

void subscription_index::match(mqtt::bytes_view mountpoint,
                               mqtt::bytes_view topic_name,
                               match_builder& out) const {
  auto& scratch = out.scratch();
  scratch.topic.assign(impl_->hash_seed, mountpoint, topic_name);
  subscription_search search{impl_->parts, scratch.topic, scratch.rooms[0],
                             out};
  while (search.step())
    continue;
  search.finish();
}

const subscription_parts& subscription_index::parts() const noexcept {
  return impl_->parts;
}

std::shared_ptr<const share_members>
subscription_index::members(mqtt::bytes_view mountpoint,
                            const mqtt::parsed_filter& filter) const {
  const auto where = impl_->find(mountpoint, filter.topic_filter);
  if (where.node == 0)
    return nullptr;
  const auto* group = impl_->list_at(where).find_group(filter.share_group);
  return group ? group->target().members : nullptr;
}

std::size_t subscription_index::size() const noexcept {
  return impl_->size;
}

std::size_t subscription_index::memory_bytes() const noexcept {
  return sizeof(implementation) + impl_->tree.memory_bytes()
         + impl_->names.memory_bytes() + impl_->heap_bytes;
}

std::size_t subscription_index::node_count() const noexcept {
  return impl_->tree.node_count() + impl_->names.size();
}

} // namespace hetzel::messaging
