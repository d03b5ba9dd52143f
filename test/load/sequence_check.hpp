#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace hetzel::test::load {

/// What one arrival means to its subscriber.
enum class arrival : unsigned char {
  in_order,
  after_gap, ///< new, but numbers before it are missing so far
  late,      ///< one of the missing: order was broken
  duplicate, ///< seen before
};

/// Follows the numbers 0, 1, 2… of one publisher at one subscriber, and tells
/// loss, broken order and duplicates apart. Remembers at most `gaps_max` gaps;
/// of more, the oldest count as lost for good, and what arrives for them then
/// counts as duplicate.
class sequence_check {
public:
  static constexpr std::size_t gaps_max = 1024;

  arrival on_arrival(std::uint32_t sequence) {
    if (sequence == next_) [[likely]] {
      ++next_;
      return arrival::in_order;
    }
    return on_unexpected(sequence);
  }

  /// The number that arrives next when all is well.
  [[nodiscard]] std::uint32_t next() const noexcept { return next_; }

  /// How many of the numbers below `sent` never came.
  [[nodiscard]] std::uint64_t lost(std::uint32_t sent) const noexcept;

  [[nodiscard]] std::uint64_t late() const noexcept { return late_; }

  [[nodiscard]] std::uint64_t duplicates() const noexcept {
    return duplicates_;
  }

private:
  /// Missing numbers: first ≤ n < last.
  struct gap {
    std::uint32_t first;
    std::uint32_t last;
  };

  arrival on_unexpected(std::uint32_t sequence);
  void open_gap(gap missing);
  bool fill(std::uint32_t sequence);

  std::uint32_t next_ = 0;
  std::deque<gap> gaps_;
  std::uint64_t missing_ = 0;
  std::uint64_t late_ = 0;
  std::uint64_t duplicates_ = 0;
};

} // namespace hetzel::test::load
