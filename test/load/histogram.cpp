#include "test/load/histogram.hpp"

#include <algorithm>
#include <cmath>

namespace hetzel::test::load {

void histogram::merge(const histogram& other) noexcept {
  for (std::size_t i = 0; i < bucket_count; ++i)
    buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

void histogram::clear() noexcept {
  *this = histogram{};
}

double histogram::mean() const noexcept {
  return count_ == 0 ? 0.0
                     : static_cast<double>(sum_) / static_cast<double>(count_);
}

std::uint64_t histogram::percentile(double percent) const noexcept {
  const auto share = std::clamp(percent, 0.0, 100.0) / 100.0;
  const auto wanted = std::max<std::uint64_t>(
    1,
    static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < bucket_count; ++i) {
    seen += buckets_[i];
    if (seen >= wanted)
      return std::min(last_value_of(i), max_);
  }
  return 0;
}

std::uint64_t histogram::last_value_of(std::size_t bucket) noexcept {
  constexpr std::uint64_t linear_size = 1U << linear_bits;
  if (bucket < linear_size)
    return bucket;
  const auto shift = (bucket >> linear_bits) - 1;
  const auto linear = bucket & (linear_size - 1);
  return ((linear_size + linear + 1) << shift) - 1;
}

} // namespace hetzel::test::load
