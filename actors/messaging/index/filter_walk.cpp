#include "actors/messaging/index/filter_walk.hpp"

#include "actors/messaging/index/levels.hpp"
#include "actors/messaging/index/match_builder.hpp"

namespace hetzel::messaging {

filter_walk::filter_walk(const filter_tree& tree, node_id root,
                         const topic_key& topic, walk_room& room,
                         match_builder& out)
  : tree_(tree),
    topic_(topic),
    room_(room),
    out_(out),
    is_hidden_(is_hidden(topic.name())) {
  room_.here.assign(1, walk_place{root, 0, tree.at(root).path_hash});
}

bool filter_walk::step() {
  room_.next.clear();
  for (const auto& place : room_.here)
    visit(place);
  if (depth_ == topic_.levels().size())
    return false;
  follow_edges();
  room_.here.swap(room_.next);
  ++depth_;
  is_hidden_ = false;
  return !room_.here.empty();
}

void filter_walk::visit(walk_place place) {
  if (!verify(place))
    return;
  const auto& node = tree_.at(place.node);
  if (!is_hidden_)
    node.rest.add_to(out_);
  if (depth_ == topic_.levels().size())
    return node.here.add_to(out_);
  if (node.plus != 0 && !is_hidden_)
    follow_plus(node.plus, hash_step(place.path_hash, topic_.plus_hash()));
  if (node.children != 0) {
    const auto path_hash
      = hash_step(place.path_hash, topic_.levels()[depth_].hash);
    tree_.edges_.prefetch(path_hash);
    room_.next.push_back({0, place.node, path_hash});
  }
}

void filter_walk::follow_plus(node_id plus, std::uint32_t path_hash) {
  tree_.nodes_.prefetch(plus);
  prefetch_edge_below(path_hash);
  room_.next.push_back({plus, 0, path_hash});
}

void filter_walk::follow_edges() {
  auto& next = room_.next;
  auto kept = next.begin();
  for (auto& place : next) {
    if (place.node == 0) {
      place.node = tree_.edges_.candidate(place.path_hash);
      if (place.node == 0)
        continue;
      tree_.nodes_.prefetch(place.node);
      prefetch_edge_below(place.path_hash);
    }
    *kept++ = place;
  }
  next.erase(kept, next.end());
}

/// Of the level after the next one: its address needs no node to be read.
void filter_walk::prefetch_edge_below(std::uint32_t path_hash) const noexcept {
  if (depth_ + 1 < topic_.levels().size())
    tree_.edges_.prefetch(
      hash_step(path_hash, topic_.levels()[depth_ + 1].hash));
}

bool filter_walk::verify(walk_place& place) const noexcept {
  if (place.parent == 0)
    return true;
  const auto& node = tree_.at(place.node);
  const auto& level = topic_.levels()[depth_ - 1];
  if (node.parent == place.parent && node.level.view() == level.text)
    return true;
  // Another path of the same hash: once in 10,000 walks at a million nodes.
  place.node = tree_.child(place.parent, level.text, place.path_hash);
  return place.node != 0;
}

} // namespace hetzel::messaging
