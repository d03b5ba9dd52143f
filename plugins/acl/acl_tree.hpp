#pragma once

#include "protocol/basic_types.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hetzel::plugins {

/// Who asks, and what the levels %m, %c and %u of a pattern stand for. A client
/// without user name never meets %u.
struct acl_client {
  mqtt::bytes_view mountpoint;
  mqtt::bytes_view client_id;
  std::optional<mqtt::bytes_view> user_name;
};

/// Filters of rules as trees of levels, several with a root each, looked up
/// without a scan: a step costs one hash look-up and one compare per kind of
/// wildcard there. Filled once, then only read, by any number of threads.
class acl_tree {
public:
  using place = std::uint32_t;
  static constexpr place nowhere = ~place{0};

  /// A set of `read`, `write`, `deny_read`, `deny_write`.
  using grants = std::uint8_t;
  static constexpr grants read = 1;
  static constexpr grants write = 2;
  static constexpr grants deny_read = 4;
  static constexpr grants deny_write = 8;

  struct entry {
    mqtt::bytes_view filter;
    /// Whether %m, %c and %u are more than text.
    bool is_pattern = false;
    grants what = 0;
  };

  [[nodiscard]] place add_root();

  /// `filter` is valid and has at most `acl_levels_max` levels.
  void insert(place root, const entry& rule);

  struct request {
    const acl_client& who;
    /// A topic name or a filter.
    mqtt::bytes_view topic;
    /// The level at which wildcards of `topic` do not match a '$' at the front:
    /// 0, or 1 with a share group in front.
    std::size_t first_level = 0;
  };

  /// What the rules grant each of which matches all that `asked.topic` can
  /// match. May leave out others as soon as one of `enough` is found.
  /// `nowhere` has no rules.
  [[nodiscard]] grants covering(place root, const request& asked,
                                grants enough) const noexcept;

  /// Whether a rule with one of `wanted` matches anything that `asked.topic`
  /// can match.
  [[nodiscard]] bool intersects(place root, const request& asked,
                                grants wanted) const noexcept;

private:
  struct node {
    place parent = nowhere;
    place plus = nowhere;
    place mountpoint = nowhere;
    place client_id = nowhere;
    place user_name = nowhere;
    /// Children with a text, and the next child of the parent.
    place first_child = nowhere;
    place next_sibling = nowhere;
    /// Of `text_`.
    std::uint32_t text_at = 0;
    std::uint32_t text_size = 0;
    /// Of rules that end here, that end here with '#', and of all at and below.
    grants end = 0;
    grants rest = 0;
    grants below = 0;
  };

  struct slot {
    std::uint32_t hash = 0;
    place child = nowhere;
  };

  struct overlap;

  [[nodiscard]] mqtt::bytes_view text_of(const node& one) const noexcept;
  [[nodiscard]] place find(place parent, mqtt::bytes_view level) const noexcept;
  [[nodiscard]] place step(place from, mqtt::bytes_view level,
                           bool is_pattern);
  [[nodiscard]] place add_node(place parent);
  [[nodiscard]] place add_child(place parent, mqtt::bytes_view level);
  void put(slot made) noexcept;
  void grow();

  void cover(place at, const acl_client& who,
             std::optional<mqtt::bytes_view> rest, grants enough,
             grants& found) const noexcept;

  std::vector<node> nodes_;
  std::string text_;
  /// Open addressing, a power of two, at most half full.
  std::vector<slot> slots_;
  std::size_t used_ = 0;
};

} // namespace hetzel::plugins
