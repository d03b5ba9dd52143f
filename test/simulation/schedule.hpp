#pragma once

#include "test/simulation/world.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hetzel::test {

struct schedule_options {
  std::uint64_t seed = 1;
  std::size_t steps = 400;
  std::size_t nodes_min = 3;
  std::size_t nodes_max = 7;
  cluster::replica_faults faults;
  bool skip_levelling = false;
  bool records_history = false;
};

struct schedule_result {
  /// The rule that was broken; empty when all held.
  std::string broken;
  std::vector<std::string> history;
  cluster::replica_counters counted;
  std::size_t events = 0;
};

/// A run: that many random steps, then rest. The same options give the same
/// run, step for step.
[[nodiscard]] schedule_result run_schedule(const schedule_options& options);

} // namespace hetzel::test
