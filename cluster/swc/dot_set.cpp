#include "cluster/swc/dot_set.hpp"

#include "protocol/assert.hpp"

#include <algorithm>

namespace hetzel::cluster {

namespace {

/// The base as a first run, if it is one, then the exceptions.
std::vector<counter_run> all_runs(const dot_set& set) {
  std::vector<counter_run> runs;
  runs.reserve(set.exceptions().size() + 1);
  if (set.base() != 0)
    runs.push_back({1, set.base()});
  runs.insert(runs.end(), set.exceptions().begin(), set.exceptions().end());
  return runs;
}

} // namespace

bool dot_set::contains(std::uint64_t counter) const noexcept {
  if (counter <= base_)
    return counter != 0;
  auto behind = std::upper_bound(
    exceptions_.begin(), exceptions_.end(), counter,
    [](std::uint64_t n, const counter_run& run) { return n < run.first; });
  return behind != exceptions_.begin() && counter <= std::prev(behind)->last;
}

bool dot_set::includes(const dot_set& other) const {
  return other.minus(*this).empty();
}

void dot_set::add(counter_run run) {
  HETZEL_ASSERT(run.first >= 1 && run.first <= run.last);
  if (run.last <= base_)
    return;
  // All runs that touch the new one become one with it.
  auto from = std::lower_bound(exceptions_.begin(), exceptions_.end(),
                               run.first,
                               [](const counter_run& r, std::uint64_t n) {
                                 return r.last + 1 < n;
                               });
  auto to = from;
  for (; to != exceptions_.end() && to->first <= run.last + 1; ++to) {
    run.first = std::min(run.first, to->first);
    run.last = std::max(run.last, to->last);
  }
  if (run.first <= base_ + 1) {
    base_ = run.last;
    exceptions_.erase(exceptions_.begin(), to);
  } else if (from == to) {
    exceptions_.insert(from, run);
  } else {
    *from = run;
    exceptions_.erase(from + 1, to);
  }
}

void dot_set::unite(const dot_set& other) {
  if (other.base_ > base_)
    add({1, other.base_});
  if (exceptions_.size() + other.exceptions_.size() < 8) {
    for (auto& run : other.exceptions_)
      add(run);
    return;
  }
  auto mine = all_runs(*this);
  std::vector<counter_run> merged;
  merged.reserve(mine.size() + other.exceptions_.size());
  std::merge(mine.begin(), mine.end(), other.exceptions_.begin(),
             other.exceptions_.end(), std::back_inserter(merged),
             [](auto& a, auto& b) { return a.first < b.first; });
  base_ = 0;
  exceptions_.clear();
  // In order, so each run is added at the end.
  for (auto& run : merged)
    add(run);
}

std::vector<counter_run> dot_set::minus(const dot_set& other) const {
  std::vector<counter_run> left;
  auto theirs = all_runs(other);
  auto hole = theirs.begin();
  for (auto run : all_runs(*this)) {
    while (hole != theirs.end() && hole->last < run.first)
      ++hole;
    auto next = run.first;
    for (auto at = hole; at != theirs.end() && at->first <= run.last; ++at) {
      if (next < at->first)
        left.push_back({next, at->first - 1});
      next = at->last + 1;
    }
    if (next <= run.last)
      left.push_back({next, run.last});
  }
  return left;
}

} // namespace hetzel::cluster
