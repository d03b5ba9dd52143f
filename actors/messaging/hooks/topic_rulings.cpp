#include "actors/messaging/hooks/topic_rulings.hpp"

#include "protocol/reason_code_rules.hpp"

#include <cstddef>

namespace hetzel::messaging {

namespace {

using mqtt::reason_code;
using plugins::outcome;

/// A code that SUBACK has (MQTT 5, 3.9.3).
reason_code refusal(reason_code said) noexcept {
  return mqtt::is_error(said)
             && mqtt::is_allowed_in(mqtt::packet_type::suback, said)
           ? said
           : reason_code::not_authorized;
}

/// `chosen` in the place of `asked`, which has what the choice leaves open.
void put(const plugins::topic_choice& chosen,
         const mqtt::subscribe_entry& asked, ruled_subscribe& to) {
  auto options = chosen.options.value_or(asked.options);
  const bool is_refused = mqtt::is_error(chosen.code);
  options.quality = is_refused ? asked.options.quality
                               : static_cast<mqtt::qos>(chosen.code);
  to.entries.push_back({chosen.topic_filter, options});
  to.codes.push_back(is_refused ? refusal(chosen.code) : chosen.code);
}

} // namespace

ruled_subscribe rule(std::span<const mqtt::subscribe_entry> entries,
                     std::span<const reason_code> codes,
                     const plugins::subscribe_verdict& said) {
  ruled_subscribe made;
  const bool is_allowed = said.result == outcome::ok;
  std::size_t next = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const bool is_judged = !mqtt::is_error(codes[i]);
    if (is_judged && is_allowed && said.modifiers
        && next < said.modifiers->topics.size()) {
      put(said.modifiers->topics[next++], entries[i], made);
      continue;
    }
    const bool is_left_out = is_allowed && said.modifiers != nullptr;
    made.entries.push_back(entries[i]);
    made.codes.push_back(!is_judged              ? codes[i]
                         : !is_allowed           ? refusal(said.code)
                         : is_left_out           ? reason_code::not_authorized
                                                 : codes[i]);
  }
  if (is_allowed && said.modifiers)
    for (; next < said.modifiers->topics.size(); ++next)
      put(said.modifiers->topics[next], {}, made);
  return made;
}

std::vector<mqtt::bytes_view>
rule(std::span<const mqtt::bytes_view> topic_filters,
     const plugins::unsubscribe_verdict& said) {
  if (said.result == outcome::ok && said.modifiers)
    return {said.modifiers->topic_filters.begin(),
            said.modifiers->topic_filters.end()};
  return {topic_filters.begin(), topic_filters.end()};
}

} // namespace hetzel::messaging
