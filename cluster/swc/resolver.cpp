#include "cluster/swc/resolver.hpp"

#include <algorithm>
#include <tuple>

namespace hetzel::cluster {

const version& latest_version(std::span<const version> siblings) {
  return *std::max_element(
    siblings.begin(), siblings.end(), [](auto& a, auto& b) {
      return std::tie(a.hlc, a.id) < std::tie(b.hlc, b.id);
    });
}

} // namespace hetzel::cluster
