#include "plugins/guards/guard_counters.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string_view>

namespace guard_counters_test {

using namespace hetzel::plugins;

TEST_CASE("every fact of the guards has a name of its own and is counted") {
  guard_counters counters;
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < guard_facts_count; ++i) {
    const auto which = static_cast<guard_fact>(i);
    CHECK_FALSE(name_of(which).empty());
    names.insert(name_of(which));
    counters.add(which, i);
    CHECK(counters.value(which) == i);
  }
  CHECK(names.size() == guard_facts_count);
}

} // namespace guard_counters_test
