#include "cluster/membership/member.hpp"

#include "protocol/assert.hpp"

#include <algorithm>
#include <functional>

namespace hetzel::cluster {

namespace {

bool is_valid(const endpoint& at) {
  return at.host.size() <= host_max && at.host.empty() == (at.port == 0);
}

} // namespace

bool join(member& into, const member& other) {
  HETZEL_ASSERT(into.store == other.store);
  bool changed = false;
  if (other.state > into.state) {
    into.state = other.state;
    changed = true;
  }
  if (other.facts > into.facts) {
    into.facts = other.facts;
    changed = true;
  }
  return changed;
}

bool is_valid(const member_facts& facts) {
  auto& retired = facts.retired;
  return !facts.name.empty() && facts.name.size() <= node_name_max
         && facts.zone.size() <= zone_max && facts.actor != actor_id{}
         && facts.opened != generation{}
         && facts.protocol.least <= facts.protocol.most
         && is_valid(facts.addresses.control)
         && is_valid(facts.addresses.traffic)
         && is_valid(facts.addresses.queue)
         && retired.size() <= retired_actors_max
         // Strictly ascending, none of them 0 or the current one.
         && std::adjacent_find(retired.begin(), retired.end(),
                               std::greater_equal<>{})
              == retired.end()
         && (retired.empty() || retired.front() != actor_id{})
         && !std::binary_search(retired.begin(), retired.end(), facts.actor);
}

std::string_view name_of(member_state state) noexcept {
  switch (state) {
    case member_state::joining:
      return "joining";
    case member_state::up:
      return "up";
    case member_state::leaving:
      return "leaving";
    case member_state::removed:
      return "removed";
  }
  return "";
}

} // namespace hetzel::cluster
