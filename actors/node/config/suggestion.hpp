#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace hetzel::node {

/// How many letters must be inserted, removed, replaced or swapped with their
/// neighbour to get from `a` to `b`.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `word`; empty when none is near enough to be what
/// somebody meant (up to a third of the letters, or two, may be wrong).
[[nodiscard]] std::string nearest(std::string_view word,
                                  std::span<const std::string> candidates);

} // namespace hetzel::node
