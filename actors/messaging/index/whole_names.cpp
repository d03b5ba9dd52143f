#include "actors/messaging/index/whole_names.hpp"

#include "actors/messaging/index/topic_hash.hpp"

namespace hetzel::messaging {

std::uint32_t whole_names::hash_of(node_id root,
                                   mqtt::bytes_view text) const noexcept {
  return hash_of(root, hash_bytes(seed_, text));
}

std::uint32_t whole_names::hash_of(node_id root,
                                   std::uint64_t text_hash) const noexcept {
  return hash_step(root, text_hash);
}

node_id whole_names::find(node_id root, mqtt::bytes_view text,
                          std::uint32_t hash) const noexcept {
  return slots_.find(hash, [&](node_id id) {
    const auto& name = at(id);
    return name.root == root && name.topic_filter.view() == text;
  });
}

node_id whole_names::make(node_id root, mqtt::bytes_view text) {
  const auto made = nodes_.allocate();
  auto& name = at(made);
  name.root = root;
  name.hash = hash_of(root, text);
  name.topic_filter = stored_text<38>{text};
  text_bytes_ += name.topic_filter.heap_bytes();
  slots_.insert(name.hash, made);
  return made;
}

void whole_names::free(node_id id) noexcept {
  text_bytes_ -= at(id).topic_filter.heap_bytes();
  slots_.erase(at(id).hash, id);
  nodes_.free(id);
}

std::size_t whole_names::memory_bytes() const noexcept {
  return nodes_.memory_bytes() + slots_.memory_bytes() + text_bytes_;
}

} // namespace hetzel::messaging
