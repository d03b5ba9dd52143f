#include "actors/node/config/reload.hpp"

#include "actors/node/config/key_lookup.hpp"

namespace hetzel::node {

reload_plan plan_reload(const configuration& running,
                        const configuration& fresh) {
  reload_plan plan;
  plan.next.entries = running.entries;
  plan.next.warnings = fresh.warnings;
  // Listeners may come and go.
  for (const auto& [name, entry] : running.entries)
    if (!fresh.entries.contains(name) && !listener_of(name).empty()) {
      plan.next.entries.erase(name);
      plan.applied.push_back(name);
    }
  for (auto& [name, entry] : plan.next.entries) {
    const auto found = fresh.entries.find(name);
    if (found == fresh.entries.end()) {
      plan.needs_restart.push_back(name);
    } else if (found->second.parsed != entry.parsed) {
      (entry.facts->live ? plan.applied : plan.needs_restart).push_back(name);
      if (entry.facts->live)
        entry = found->second;
    }
  }
  for (const auto& [name, entry] : fresh.entries)
    if (!running.entries.contains(name)) {
      plan.next.entries.emplace(name, entry);
      plan.applied.push_back(name);
    }
  plan.next.values = build(plan.next.entries);
  return plan;
}

} // namespace hetzel::node
