#include "actors/admin/actor_path.hpp"

#include <algorithm>
#include <cctype>

namespace hetzel::admin {

namespace {

using runtime::tree_node;

bool is_number(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](unsigned char byte) {
    return std::isdigit(byte) != 0;
  });
}

std::string number_of(const tree_node& node) {
  const auto& actor = node.listing.actor;
  return actor ? std::to_string(actor->id()) : "0";
}

const tree_node* find_number(const tree_node& node, std::string_view number) {
  if (number_of(node) == number)
    return &node;
  for (const auto& child : node.children)
    if (const auto* found = find_number(child, number))
      return found;
  return nullptr;
}

const tree_node* find_child(const tree_node& node, std::string_view label) {
  for (const auto& child : node.children)
    if (child.listing.name == label || number_of(child) == label)
      return &child;
  return nullptr;
}

} // namespace

std::string label_of(const tree_node& node) {
  return node.listing.name.empty() ? number_of(node) : node.listing.name;
}

const tree_node* find_actor(const tree_node& root, std::string_view word) {
  if (word == ".")
    return &root;
  if (is_number(word))
    return find_number(root, word);
  const auto* at = &root;
  while (at && !word.empty()) {
    const auto end = word.find('/');
    at = find_child(*at, word.substr(0, end));
    word.remove_prefix(end == std::string_view::npos ? word.size() : end + 1);
  }
  return at == &root ? nullptr : at;
}

} // namespace hetzel::admin
