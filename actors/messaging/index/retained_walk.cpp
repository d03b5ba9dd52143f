#include "actors/messaging/index/retained_walk.hpp"

#include "actors/messaging/index/levels.hpp"

namespace hetzel::messaging {

retained_walk::retained_walk(const retained_tree& tree, retained_cursor& cursor)
  : tree_(tree),
    cursor_(cursor),
    levels_(cursor.levels_.size() - 1),
    has_rest_(level(levels_ - 1) == "#"),
    has_leading_wildcard_(level(0) == "+" || level(0) == "#") {
  levels_ -= has_rest_ ? 1 : 0;
}

bool retained_walk::start() noexcept {
  cursor_.node_ = tree_.find_root(cursor_.mountpoint_);
  cursor_.depth_ = 0;
  return cursor_.node_ != 0;
}

bool retained_walk::advance() noexcept {
  if (const auto child = below()) {
    cursor_.node_ = child;
    ++cursor_.depth_;
    return true;
  }
  for (; cursor_.depth_ > 0; --cursor_.depth_) {
    if (const auto sibling = beside()) {
      cursor_.node_ = sibling;
      return true;
    }
    cursor_.node_ = tree_.at(cursor_.node_).parent;
  }
  cursor_.node_ = 0;
  return false;
}

bool retained_walk::is_match() const noexcept {
  // "a/#" matches "a" as well.
  const auto fits
    = has_rest_ ? cursor_.depth_ >= levels_ : cursor_.depth_ == levels_;
  return fits && tree_.at(cursor_.node_).message && !is_barred();
}

mqtt::bytes_view retained_walk::level(std::size_t position) const noexcept {
  const auto begin = cursor_.levels_[position];
  const auto end = cursor_.levels_[position + 1] - 1;
  return mqtt::bytes_view{cursor_.filter_}.substr(begin, end - begin);
}

/// All names fit at that level.
bool retained_walk::is_any(std::size_t position) const noexcept {
  return position < levels_ ? level(position) == "+" : has_rest_;
}

/// A name with '$' under a leading wildcard.
bool retained_walk::is_barred() const noexcept {
  return has_leading_wildcard_ && cursor_.depth_ == 1
         && is_hidden(tree_.at(cursor_.node_).level.view());
}

node_id retained_walk::below() const noexcept {
  const std::size_t depth = cursor_.depth_;
  if (is_barred() || (depth >= levels_ && !has_rest_))
    return 0;
  const auto first = tree_.at(cursor_.node_).first_child;
  return first == 0 || is_any(depth) ? first
                                     : tree_.child(cursor_.node_, level(depth));
}

node_id retained_walk::beside() const noexcept {
  return is_any(cursor_.depth_ - 1) ? tree_.at(cursor_.node_).next : 0;
}

} // namespace hetzel::messaging
