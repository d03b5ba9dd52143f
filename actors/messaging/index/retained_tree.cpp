#include "actors/messaging/index/retained_tree.hpp"

#include "actors/messaging/index/levels.hpp"
#include "actors/messaging/index/topic_hash.hpp"

#include <utility>

namespace hetzel::messaging {

retained_tree::retained_tree(std::uint64_t hash_seed,
                             std::shared_ptr<chunk_arena> arena)
  : seed_(hash_seed), nodes_(std::move(arena)), top_(nodes_.allocate()) {}

node_id retained_tree::find_root(mqtt::bytes_view mountpoint) const noexcept {
  return child(top_, mountpoint);
}

node_id retained_tree::child(node_id parent,
                             mqtt::bytes_view level) const noexcept {
  return edges_.find(step(at(parent).path_hash, level), [&](node_id id) {
    const auto& node = at(id);
    return node.parent == parent && node.level.view() == level;
  });
}

node_id retained_tree::find(mqtt::bytes_view mountpoint,
                            mqtt::bytes_view topic_name) const noexcept {
  auto path_hash = step(0, mountpoint);
  for (level_reader reader{topic_name}; reader.has_next();)
    path_hash = step(path_hash, reader.next());
  return edges_.find(path_hash, [&](node_id id) {
    const auto& message = at(id).message;
    return message && message->topic_name() == topic_name
           && message->mountpoint() == mountpoint;
  });
}

node_id retained_tree::make(mqtt::bytes_view mountpoint,
                            mqtt::bytes_view topic_name) {
  auto node = make_child(top_, mountpoint);
  for (level_reader reader{topic_name}; reader.has_next();)
    node = make_child(node, reader.next());
  return node;
}

void retained_tree::release(node_id node) noexcept {
  while (node != top_ && at(node).is_unused()) {
    const auto parent = at(node).parent;
    unlink(node);
    nodes_.free(node);
    node = parent;
  }
}

std::size_t retained_tree::node_count() const noexcept {
  return nodes_.size() - 1;
}

std::size_t retained_tree::node_end() const noexcept {
  return nodes_.capacity();
}

std::size_t retained_tree::memory_bytes() const noexcept {
  return nodes_.memory_bytes() + edges_.memory_bytes() + text_bytes_;
}

std::uint32_t retained_tree::step(std::uint32_t path_hash,
                                  mqtt::bytes_view level) const noexcept {
  return hash_step(path_hash, hash_bytes(seed_, level));
}

node_id retained_tree::make_child(node_id parent, mqtt::bytes_view level) {
  if (const auto there = child(parent, level))
    return there;
  const auto made = nodes_.allocate();
  auto& node = at(made);
  auto& above = at(parent);
  node.parent = parent;
  node.path_hash = step(above.path_hash, level);
  node.level = stored_text<30>{level};
  text_bytes_ += node.level.heap_bytes();
  // First in the list: a cursor under way does not meet what came after it.
  node.next = above.first_child;
  if (node.next != 0)
    at(node.next).previous = made;
  above.first_child = made;
  edges_.insert(node.path_hash, made);
  return made;
}

void retained_tree::unlink(node_id node) noexcept {
  const auto& leaving = at(node);
  if (leaving.next != 0)
    at(leaving.next).previous = leaving.previous;
  if (leaving.previous != 0)
    at(leaving.previous).next = leaving.next;
  else
    at(leaving.parent).first_child = leaving.next;
  edges_.erase(leaving.path_hash, node);
  text_bytes_ -= leaving.level.heap_bytes();
}

} // namespace hetzel::messaging
