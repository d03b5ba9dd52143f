#include "plugins/acl/acl_tree.hpp"

#include "protocol/topic.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace hetzel::plugins {

namespace {

using mqtt::bytes_view;
using mqtt::next_level;

constexpr bytes_view mountpoint_mark = "%m";
constexpr bytes_view client_id_mark = "%c";
constexpr bytes_view user_name_mark = "%u";

std::uint32_t hash_of_edge(std::uint32_t parent, bytes_view level) noexcept {
  // Multiplied, so that the same level below other parents goes elsewhere.
  constexpr std::uint64_t odd = 0x9E37'79B9'7F4A'7C15U;
  const auto mixed = (std::hash<bytes_view>{}(level) ^ parent * odd) * odd;
  return static_cast<std::uint32_t>(mixed >> 32U);
}

/// Whether `value` can be a level of a topic name at all.
bool is_level(bytes_view value) noexcept {
  return value.find_first_of("/+#") == bytes_view::npos;
}

} // namespace

// -- filling ------------------------------------------------------------------

acl_tree::place acl_tree::add_root() {
  return add_node(nowhere);
}

void acl_tree::insert(place root, const entry& rule) {
  auto at = root;
  nodes_[at].below |= rule.what;
  std::optional rest = rule.filter;
  while (rest) {
    const auto level = next_level(rest);
    if (level == "#") {
      nodes_[at].rest |= rule.what;
      return;
    }
    at = step(at, level, rule.is_pattern);
    nodes_[at].below |= rule.what;
  }
  nodes_[at].end |= rule.what;
}

acl_tree::place acl_tree::step(place from, bytes_view level,
                               bool is_pattern) {
  const auto special = [&]() -> place node::* {
    if (level == "+")
      return &node::plus;
    if (is_pattern && level == mountpoint_mark)
      return &node::mountpoint;
    if (is_pattern && level == client_id_mark)
      return &node::client_id;
    if (is_pattern && level == user_name_mark)
      return &node::user_name;
    return nullptr;
  }();
  if (special == nullptr) {
    const auto found = find(from, level);
    return found != nowhere ? found : add_child(from, level);
  }
  if (nodes_[from].*special == nowhere) {
    const auto made = add_node(from);
    nodes_[from].*special = made;
  }
  return nodes_[from].*special;
}

acl_tree::place acl_tree::add_node(place parent) {
  nodes_.emplace_back().parent = parent;
  return static_cast<place>(nodes_.size() - 1);
}

acl_tree::place acl_tree::add_child(place parent, bytes_view level) {
  const auto made = add_node(parent);
  auto& child = nodes_[made];
  child.text_at = static_cast<std::uint32_t>(text_.size());
  child.text_size = static_cast<std::uint32_t>(level.size());
  child.next_sibling = nodes_[parent].first_child;
  nodes_[parent].first_child = made;
  text_ += level;
  if (2 * (used_ + 1) > slots_.size())
    grow();
  put({hash_of_edge(parent, level), made});
  return made;
}

void acl_tree::grow() {
  constexpr std::size_t smallest = 16;
  const auto old = std::move(slots_);
  slots_.assign(std::max(smallest, old.size() * 2), {});
  used_ = 0;
  for (const auto& one : old)
    if (one.child != nowhere)
      put(one);
}

void acl_tree::put(slot made) noexcept {
  const auto mask = slots_.size() - 1;
  auto at = made.hash & mask;
  while (slots_[at].child != nowhere)
    at = (at + 1) & mask;
  slots_[at] = made;
  ++used_;
}

// -- looking up ---------------------------------------------------------------

bytes_view acl_tree::text_of(const node& one) const noexcept {
  return bytes_view{text_}.substr(one.text_at, one.text_size);
}

acl_tree::place acl_tree::find(place parent, bytes_view level) const noexcept {
  if (slots_.empty())
    return nowhere;
  const auto hash = hash_of_edge(parent, level);
  const auto mask = slots_.size() - 1;
  for (auto at = hash & mask; slots_[at].child != nowhere;
       at = (at + 1) & mask) {
    if (slots_[at].hash != hash)
      continue;
    const auto& candidate = nodes_[slots_[at].child];
    if (candidate.parent == parent && text_of(candidate) == level)
      return slots_[at].child;
  }
  return nowhere;
}

acl_tree::grants acl_tree::covering(place root, const request& asked,
                                    grants enough) const noexcept {
  grants found = 0;
  if (root != nowhere)
    cover(root, asked.who, asked.topic, enough, found);
  return found;
}

void acl_tree::cover(place at, const acl_client& who,
                     std::optional<bytes_view> rest, grants enough,
                     grants& found) const noexcept {
  const auto& here = nodes_[at];
  found |= here.rest;
  if (!rest)
    found |= here.end;
  if (!rest || (found & enough) != 0)
    return;
  const auto level = next_level(rest);
  // Nothing but '#' covers '#', and nothing but that and '+' covers '+'.
  if (level == "#")
    return;
  const auto descend = [&](place child, bool applies) {
    if (child != nowhere && applies && (found & enough) == 0)
      cover(child, who, rest, enough, found);
  };
  descend(here.plus, true);
  if (level == "+")
    return;
  if (here.first_child != nowhere)
    descend(find(at, level), true);
  descend(here.mountpoint, level == who.mountpoint);
  descend(here.client_id, level == who.client_id);
  descend(here.user_name, level == who.user_name);
}

/// One search for a rule that shares a topic name with a request.
struct acl_tree::overlap {
  const acl_tree& tree;
  const request& asked;
  grants wanted;

  [[nodiscard]] bool at(place where, std::optional<bytes_view> rest,
                        std::size_t depth) const noexcept {
    if (where == nowhere)
      return false;
    const auto& here = tree.nodes_[where];
    if ((here.below & wanted) == 0)
      return false;
    if ((here.rest & wanted) != 0)
      return true;
    if (!rest)
      return (here.end & wanted) != 0;
    const auto whole = rest;
    const auto level = next_level(rest);
    // '#' stands for no level too, and for any number of '+'.
    if (level == "#")
      return (here.end & wanted) != 0 || any_child(here, whole, depth);
    if (level == "+")
      return any_child(here, rest, depth);
    return at(tree.find(where, level), rest, depth + 1)
           || at(here.plus, rest, depth + 1)
           || below_value(here, level, rest, depth);
  }

  /// Below the placeholders that stand for `level`.
  [[nodiscard]] bool below_value(const node& here, bytes_view level,
                                 std::optional<bytes_view> rest,
                                 std::size_t depth) const noexcept {
    const auto& who = asked.who;
    return (level == who.mountpoint && at(here.mountpoint, rest, depth + 1))
           || (level == who.client_id && at(here.client_id, rest, depth + 1))
           || (level == who.user_name && at(here.user_name, rest, depth + 1));
  }

  /// Below all that a wildcard of the request matches.
  [[nodiscard]] bool any_child(const node& here,
                               std::optional<bytes_view> rest,
                               std::size_t depth) const noexcept {
    const auto matches = [&](bytes_view level) {
      return depth != asked.first_level || !level.starts_with('$');
    };
    const auto value = [&](place child, std::optional<bytes_view> level) {
      return level && is_level(*level) && matches(*level)
             && at(child, rest, depth + 1);
    };
    for (auto child = here.first_child; child != nowhere;
         child = tree.nodes_[child].next_sibling)
      if (matches(tree.text_of(tree.nodes_[child]))
          && at(child, rest, depth + 1))
        return true;
    return at(here.plus, rest, depth + 1)
           || value(here.mountpoint, asked.who.mountpoint)
           || value(here.client_id, asked.who.client_id)
           || value(here.user_name, asked.who.user_name);
  }
};

bool acl_tree::intersects(place root, const request& asked,
                          grants wanted) const noexcept {
  return overlap{*this, asked, wanted}.at(root, asked.topic, 0);
}

} // namespace hetzel::plugins
