#pragma once

#include "actors/runtime/tree_walk.hpp"

#include <string>
#include <string_view>

namespace hetzel::admin {

/// What an actor is called below its parent: the name that the parent gave it,
/// or else its number.
[[nodiscard]] std::string label_of(const runtime::tree_node& node);

/// Finds an actor by its number, or by its path: labels with '/' between them,
/// from below the root, as in `messaging/reactor-0/registrar`. `.` is the root.
/// Null: there is none.
[[nodiscard]] const runtime::tree_node*
find_actor(const runtime::tree_node& root, std::string_view word);

} // namespace hetzel::admin
