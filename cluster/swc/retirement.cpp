#include "cluster/swc/retirement.hpp"

#include <algorithm>

namespace hetzel::cluster {

retirement retire(std::span<const retired_column> answers) {
  dot_set known;
  std::uint64_t bound = 0;
  for (auto& answer : answers) {
    known.unite(answer.dots);
    bound = std::max({bound, answer.bound, answer.dots.last()});
  }
  retirement made;
  made.needs_levelling = bound > known.last();
  for (auto& run : dot_set{bound}.minus(known))
    made.voids.add(run);
  return made;
}

} // namespace hetzel::cluster
