#pragma once

#include "cluster/swc/dot.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace hetzel::cluster {

/// The counters first…last.
struct counter_run {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  bool operator==(const counter_run&) const = default;
};

/// A set of counters of one actor: all up to a base, and runs beyond it. Cost
/// and size of everything here go with the number of runs, never with that of
/// counters: a newcomer that hears of counter 5,000,000 first holds one run.
class dot_set {
public:
  dot_set() = default;
  explicit dot_set(std::uint64_t base) noexcept : base_(base) {}

  /// The largest b with 1…b all in the set.
  [[nodiscard]] std::uint64_t base() const noexcept { return base_; }

  /// What is beyond the base: in order, apart from each other and from it.
  [[nodiscard]] std::span<const counter_run> exceptions() const noexcept {
    return exceptions_;
  }

  [[nodiscard]] bool empty() const noexcept { return last() == 0; }

  /// The largest counter; 0 in an empty set.
  [[nodiscard]] std::uint64_t last() const noexcept {
    return exceptions_.empty() ? base_ : exceptions_.back().last;
  }

  [[nodiscard]] bool contains(std::uint64_t counter) const noexcept;
  [[nodiscard]] bool includes(const dot_set& other) const;

  void add(std::uint64_t counter) { add(counter_run{counter, counter}); }

  /// Precondition: 1 <= first <= last.
  void add(counter_run run);

  void unite(const dot_set& other);

  /// The runs of what is here and not in `other`.
  [[nodiscard]] std::vector<counter_run> minus(const dot_set& other) const;

  bool operator==(const dot_set&) const = default;

private:
  std::uint64_t base_ = 0;
  std::vector<counter_run> exceptions_;
};

} // namespace hetzel::cluster
