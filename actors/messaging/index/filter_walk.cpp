#include "actors/messaging/index/filter_walk.hpp"

#include "actors/messaging/index/topic_hash.hpp"

#include <utility>

namespace hetzel::messaging {

filter_walk::filter_walk(const filter_tree& tree, node_id root,
                         mqtt::bytes_view topic_name, match_builder& out)
  : tree_(tree),
    out_(out),
    scratch_(out.scratch()),
    reader_(topic_name),
    is_hidden_(is_hidden(topic_name)),
    plus_hash_(hash_bytes(tree.seed_, "+")) {
  scratch_.here.assign(1, walk_step{root, 0, tree.at(root).path_hash});
  read_ahead();
  read_ahead();
}

bool filter_walk::step() {
  scratch_.next.clear();
  for (const auto& each : scratch_.here)
    visit(each);
  if (!has_level_)
    return false;
  resolve_edges();
  scratch_.here.swap(scratch_.next);
  is_hidden_ = false;
  read_ahead();
  return !scratch_.here.empty();
}

void filter_walk::read_ahead() noexcept {
  last_level_ = level_;
  level_ = coming_level_;
  level_hash_ = coming_hash_;
  has_level_ = has_coming_;
  has_coming_ = reader_.has_next();
  if (!has_coming_)
    return;
  coming_level_ = reader_.next();
  coming_hash_ = hash_bytes(tree_.seed_, coming_level_);
}

void filter_walk::visit(walk_step step) {
  if (!verify(step))
    return;
  const auto& node = tree_.at(step.node);
  if (!is_hidden_)
    node.rest.add_to(out_);
  if (!has_level_)
    return node.here.add_to(out_);
  if (node.plus != 0 && !is_hidden_)
    follow_plus(node.plus, hash_step(step.path_hash, plus_hash_));
  if (node.children != 0) {
    const auto path_hash = hash_step(step.path_hash, level_hash_);
    tree_.edges_.prefetch(path_hash);
    scratch_.next.push_back({0, step.node, path_hash});
  }
}

void filter_walk::follow_plus(node_id plus, std::uint32_t path_hash) {
  tree_.nodes_.prefetch(plus);
  tree_.edges_.prefetch(hash_step(path_hash, coming_hash_));
  scratch_.next.push_back({plus, 0, path_hash});
}

void filter_walk::resolve_edges() {
  auto& next = scratch_.next;
  auto kept = next.begin();
  for (auto& each : next) {
    if (each.node == 0) {
      each.node = tree_.edges_.candidate(each.path_hash);
      if (each.node == 0)
        continue;
      tree_.nodes_.prefetch(each.node);
      tree_.edges_.prefetch(hash_step(each.path_hash, coming_hash_));
    }
    *kept++ = each;
  }
  next.erase(kept, next.end());
}

bool filter_walk::verify(walk_step& step) const noexcept {
  if (step.parent == 0)
    return true;
  const auto& node = tree_.at(step.node);
  if (node.parent == step.parent && node.level.view() == last_level_)
    return true;
  // Another path of the same hash: once in 4,000 walks at a million nodes.
  step.node = tree_.child(step.parent, last_level_, step.path_hash);
  return step.node != 0;
}

} // namespace hetzel::messaging
