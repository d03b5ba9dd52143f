#pragma once

#include "test/simulation/world.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hetzel::test {

/// How write frames travel.
enum class dissemination : std::uint8_t {
  /// As the seed has it: most runs by letters, some each by cores in a mesh, by
  /// cores in trees, and by cores in trees of 9 to 12 nodes.
  mixed,
  /// From everybody to everybody.
  letters,
  mesh,
  trees,
};

struct schedule_options {
  std::uint64_t seed = 1;
  std::size_t steps = 400;
  std::size_t nodes_min = 3;
  std::size_t nodes_max = 7;
  /// Of `mixed`, some runs have more nodes than that.
  test::dissemination dissemination = dissemination::mixed;
  cluster::replica_faults faults;
  bool lose_messages = false;
  bool skip_levelling = false;
  bool records_history = false;
};

struct schedule_result {
  /// The rule that was broken; empty when all held.
  std::string broken;
  std::vector<std::string> history;
  cluster::replica_counters counted;
  cluster::broadcast_counters broadcast;
  std::size_t events = 0;
};

/// A run: that many random steps, then rest. The same options give the same
/// run, step for step.
[[nodiscard]] schedule_result run_schedule(const schedule_options& options);

} // namespace hetzel::test
