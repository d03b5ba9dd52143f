#include "actors/messaging/index/subscription_search.hpp"

#include "actors/messaging/index/match_builder.hpp"

#include <utility>

namespace hetzel::messaging {

subscription_search::subscription_search(const subscription_parts& parts,
                                         const topic_key& topic,
                                         walk_room& room, match_builder& out)
  : parts_(parts),
    topic_(topic),
    out_(out),
    root_(parts.tree.find_root(topic.mountpoint())) {
  if (root_ == 0)
    return;
  walk_.emplace(parts.tree, root_, topic, room, out);
  if (parts.names.size() == 0)
    return;
  name_hash_ = parts.names.hash_of(root_, topic.name_hash());
  parts.names.prefetch_slot(name_hash_);
  is_name_wanted_ = true;
}

bool subscription_search::step() {
  if (!walk_)
    return false;
  const auto goes_on = walk_->step();
  // Its slot was asked for a step ago.
  if (std::exchange(is_name_wanted_, false))
    parts_.names.prefetch_name(name_hash_);
  if (!goes_on)
    walk_.reset();
  return goes_on;
}

void subscription_search::finish() {
  if (root_ == 0 || parts_.names.size() == 0)
    return;
  if (const auto name = parts_.names.find(root_, topic_.name(), name_hash_))
    parts_.names.at(name).list.add_to(out_);
}

} // namespace hetzel::messaging
