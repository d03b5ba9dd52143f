#include "test/simulation/mutations.hpp"

namespace hetzel::test {

namespace {

struct mutation_name {
  std::string_view name;
  bool cluster::replica_faults::*rule;
};

constexpr mutation_name rules[] = {
  {"ownonly", &cluster::replica_faults::merge_own_column_only},
  {"nosnap", &cluster::replica_faults::read_live_records},
  {"noactor", &cluster::replica_faults::keep_regressed_actor},
  {"nopf", &cluster::replica_faults::ignore_floor},
  {"nopfadopt", &cluster::replica_faults::leave_floor},
  {"noD", &cluster::replica_faults::take_version_dots},
  {"graftsub", &cluster::replica_faults::list_some_dots},
  {"graftpf", &cluster::replica_faults::ignore_floor_in_graft},
  {"nodrop", &cluster::replica_faults::apply_writes_in_range_pull},
};

} // namespace

bool mutate(std::string_view name, schedule_options& options) {
  if (name == "nosurplus") {
    options.skip_levelling = true;
    return true;
  }
  if (name == "nodigest") {
    options.lose_messages = true;
    return true;
  }
  for (auto& rule : rules)
    if (rule.name == name) {
      options.faults.*rule.rule = true;
      return true;
    }
  return false;
}

} // namespace hetzel::test
