#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace hetzel::test::load {

/// Counts durations in nanoseconds with a relative error below 1/128, in fixed
/// memory and constant time. Below 128 ns every value has a bucket; above,
/// each power of two is cut into 128 equal buckets (log-linear). Values over
/// `value_max` count as `value_max`.
class histogram {
public:
  static constexpr std::uint64_t value_max = (std::uint64_t{1} << 40) - 1;

  void record(std::uint64_t nanoseconds) noexcept {
    const auto value = nanoseconds > value_max ? value_max : nanoseconds;
    ++buckets_[bucket_of(value)];
    ++count_;
    sum_ += value;
    max_ = value > max_ ? value : max_;
  }

  void merge(const histogram& other) noexcept;

  void clear() noexcept;

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

  /// Exact, as `mean` is.
  [[nodiscard]] std::uint64_t max() const noexcept { return max_; }

  /// Zero when nothing was recorded.
  [[nodiscard]] double mean() const noexcept;

  /// The smallest recorded value that at least `percent` % of all values do
  /// not exceed, rounded up to the end of its bucket. Zero when empty.
  [[nodiscard]] std::uint64_t percentile(double percent) const noexcept;

private:
  static constexpr unsigned linear_bits = 7;
  static constexpr std::size_t bucket_count = (40 - linear_bits + 1)
                                              << linear_bits;

  static std::size_t bucket_of(std::uint64_t value) noexcept {
    if (value < (1U << linear_bits))
      return value;
    const auto shift
      = static_cast<unsigned>(std::bit_width(value)) - 1 - linear_bits;
    const auto linear = (value >> shift) & ((1U << linear_bits) - 1);
    return ((shift + 1U) << linear_bits) + linear;
  }

  static std::uint64_t last_value_of(std::size_t bucket) noexcept;

  std::array<std::uint64_t, bucket_count> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t max_ = 0;
};

} // namespace hetzel::test::load
