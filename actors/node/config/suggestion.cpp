#include "actors/node/config/suggestion.hpp"

#include <algorithm>
#include <vector>

namespace hetzel::node {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the table are enough: this one, the one before, and for
  // swapped neighbours the one before that.
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1),
    row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

std::string nearest(std::string_view word,
                    std::span<const std::string> candidates) {
  std::size_t best = std::string_view::npos;
  std::string found;
  for (const auto& candidate : candidates) {
    const auto distance = edit_distance(word, candidate);
    const auto letters = std::max(word.size(), candidate.size());
    if (distance < best && distance <= std::max<std::size_t>(2, letters / 3)) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

} // namespace hetzel::node
