#include "cluster/swc/container.hpp"

#include <algorithm>
#include <tuple>

namespace hetzel::cluster {

namespace {

const version& larger(const version& a, const version& b) {
  return std::tie(a.value, a.hlc) < std::tie(b.value, b.hlc) ? b : a;
}

} // namespace

const version* container::find(dot id) const noexcept {
  for (auto& v : versions)
    if (v.id == id)
      return &v;
  return nullptr;
}

joined join(const container& a, const container& b) {
  joined made;
  auto& versions = made.result.versions;
  for (auto& v : a.versions) {
    if (auto* same = b.find(v.id)) {
      made.has_conflict |= v != *same;
      versions.push_back(larger(v, *same));
    } else if (!b.context.covers(v.id)) {
      versions.push_back(v);
    }
  }
  for (auto& v : b.versions)
    if (!a.find(v.id) && !a.context.covers(v.id))
      versions.push_back(v);
  std::sort(versions.begin(), versions.end(),
            [](auto& x, auto& y) { return x.id < y.id; });
  made.result.context = a.context;
  made.result.context.join(b.context);
  return made;
}

} // namespace hetzel::cluster
