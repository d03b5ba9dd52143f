#include "actors/messaging/index/filter_tree.hpp"

#include "actors/messaging/index/levels.hpp"
#include "actors/messaging/index/topic_hash.hpp"

#include <utility>

namespace hetzel::messaging {

filter_tree::filter_tree(std::uint64_t hash_seed,
                         std::shared_ptr<chunk_arena> arena)
  : seed_(hash_seed), nodes_(std::move(arena)), top_(nodes_.allocate()) {}

node_id filter_tree::find_root(mqtt::bytes_view mountpoint) const noexcept {
  return child(top_, mountpoint, step(0, mountpoint));
}

node_id
filter_tree::find_root(const topic_key::level& mountpoint) const noexcept {
  return child(top_, mountpoint.text, hash_step(0, mountpoint.hash));
}

node_id filter_tree::make_root(mqtt::bytes_view mountpoint) {
  return make_child(top_, mountpoint);
}

node_id
filter_tree::find(node_id root,
                  std::optional<mqtt::bytes_view> levels) const noexcept {
  auto node = root;
  if (!levels)
    return node;
  for (level_reader reader{*levels}; node != 0 && reader.has_next();) {
    const auto level = reader.next();
    node = level == "+" ? at(node).plus
                        : child(node, level, step(at(node).path_hash, level));
  }
  return node;
}

node_id filter_tree::make(node_id root,
                          std::optional<mqtt::bytes_view> levels) {
  auto node = root;
  if (!levels)
    return node;
  for (level_reader reader{*levels}; reader.has_next();) {
    const auto level = reader.next();
    node = level == "+" ? make_plus(node) : make_child(node, level);
  }
  return node;
}

void filter_tree::release(node_id node) noexcept {
  while (node != top_ && at(node).is_unused()) {
    const auto parent = at(node).parent;
    unlink(node);
    nodes_.free(node);
    node = parent;
  }
}

std::size_t filter_tree::node_count() const noexcept {
  return nodes_.size() - 1;
}

std::size_t filter_tree::memory_bytes() const noexcept {
  return nodes_.memory_bytes() + edges_.memory_bytes() + text_bytes_;
}

node_id filter_tree::child(node_id parent, mqtt::bytes_view level,
                           std::uint32_t path_hash) const noexcept {
  return edges_.find(path_hash, [&](node_id id) {
    const auto& node = at(id);
    return node.parent == parent && node.level.view() == level;
  });
}

std::uint32_t filter_tree::step(std::uint32_t path_hash,
                                mqtt::bytes_view level) const noexcept {
  return hash_step(path_hash, hash_bytes(seed_, level));
}

node_id filter_tree::make_child(node_id parent, mqtt::bytes_view level) {
  const auto path_hash = step(at(parent).path_hash, level);
  if (const auto there = child(parent, level, path_hash))
    return there;
  const auto made = nodes_.allocate();
  auto& node = at(made);
  node.parent = parent;
  node.path_hash = path_hash;
  node.level = stored_text<14>{level};
  text_bytes_ += node.level.heap_bytes();
  edges_.insert(path_hash, made);
  ++at(parent).children;
  return made;
}

node_id filter_tree::make_plus(node_id parent) {
  if (const auto there = at(parent).plus)
    return there;
  const auto made = nodes_.allocate();
  at(made).parent = parent;
  at(made).path_hash = step(at(parent).path_hash, "+");
  at(parent).plus = made;
  return made;
}

void filter_tree::unlink(node_id node) noexcept {
  const auto& leaving = at(node);
  auto& parent = at(leaving.parent);
  if (parent.plus == node) {
    parent.plus = 0;
    return;
  }
  edges_.erase(leaving.path_hash, node);
  text_bytes_ -= leaving.level.heap_bytes();
  --parent.children;
}

} // namespace hetzel::messaging
