#include "cluster/membership/split_policy.hpp"

#include <algorithm>
#include <cstddef>

namespace hetzel::cluster {

split_rule split_rules::of(client_operation what) const noexcept {
  switch (what) {
    case client_operation::register_client:
      return register_client;
    case client_operation::publish:
      return publish;
    case client_operation::subscribe:
      return subscribe;
    case client_operation::unsubscribe:
      return unsubscribe;
  }
  return split_rule::never;
}

std::optional<split_rule> parse_split_rule(std::string_view text) noexcept {
  if (text == "never" || text == "off")
    return split_rule::never;
  if (text == "majority")
    return split_rule::majority;
  if (text == "always" || text == "on")
    return split_rule::always;
  return std::nullopt;
}

std::string_view name_of(split_rule rule) noexcept {
  switch (rule) {
    case split_rule::never:
      return "never";
    case split_rule::majority:
      return "majority";
    case split_rule::always:
      return "always";
  }
  return "";
}

bool is_majority(const member_map& members, const std::set<store_id>& view) {
  auto voting = members.voting();
  if (voting.empty())
    return false;
  auto seen = static_cast<std::size_t>(
    std::count_if(voting.begin(), voting.end(),
                  [&view](store_id store) { return view.contains(store); }));
  if (2 * seen == voting.size())
    return view.contains(voting.front());
  return 2 * seen > voting.size();
}

bool is_allowed(client_operation what, const split_rules& rules,
                const split_situation& situation) noexcept {
  if (what == client_operation::register_client
      && situation.own != member_state::up)
    return false;
  if (situation.is_ready)
    return true;
  switch (rules.of(what)) {
    case split_rule::never:
      return false;
    case split_rule::majority:
      return situation.has_majority;
    case split_rule::always:
      return true;
  }
  return false;
}

} // namespace hetzel::cluster
