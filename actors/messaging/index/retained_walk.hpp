#pragma once

#include "actors/messaging/index/retained_index.hpp"
#include "actors/messaging/index/retained_tree.hpp"

#include <cstddef>
#include <cstdint>

namespace hetzel::messaging {

/// Moves a cursor through the tree, in pre-order, over the nodes that match the
/// beginning of its filter. Where it stands says where it has been: no stack.
class retained_walk {
public:
  /// Both must outlive it.
  retained_walk(const retained_tree& tree, retained_cursor& cursor);

  /// To the root of the mountpoint; false when there is none.
  bool start() noexcept;

  /// To the next node; false when there is none, then the place is zero.
  bool advance() noexcept;

  /// The message here matches the filter.
  [[nodiscard]] bool is_match() const noexcept;

private:
  [[nodiscard]] mqtt::bytes_view level(std::size_t position) const noexcept;
  [[nodiscard]] bool is_any(std::size_t position) const noexcept;
  [[nodiscard]] bool is_barred() const noexcept;
  [[nodiscard]] node_id below() const noexcept;
  [[nodiscard]] node_id beside() const noexcept;

  const retained_tree& tree_;
  retained_cursor& cursor_;
  /// Levels of the filter but for a final '#'.
  std::size_t levels_;
  bool has_rest_;
  bool has_leading_wildcard_;
};

} // namespace hetzel::messaging
