#include "actors/node/config/key_table.hpp"
#include "actors/node/config/store.hpp"

#include <array>
#include <string_view>

namespace hetzel::node {

namespace {

using messaging::messaging_config;
using messaging::overload_config;

constexpr auto messages = &node_config::messaging;
constexpr auto overload = &messaging_config::overload;

constexpr std::int64_t uint32_max = 4'294'967'295;
constexpr std::int64_t minute = 60'000;

constexpr std::string_view shedding_words
  = "none refuse_connect drop_slow_qos0 drop_qos0 disconnect_slow";

/// The words in their order; the first is no action.
template <messaging::overload_level Level>
void store_actions(node_config& to, const value& from) {
  messaging::shedding_set actions = 0;
  for (const auto word : from.numbers)
    if (word > 0)
      actions = static_cast<messaging::shedding_set>(actions
                                                     | 1U << (word - 1));
  to.messaging.overload.actions[static_cast<std::size_t>(Level)] = actions;
}

using key = config_key<node_config>;

constexpr auto keys = std::to_array<key>({
  {{.name = "overload.interval",
    .kind = value_kind::duration,
    .default_text = "1s",
    .min = 10,
    .max = minute,
    .unit = "ms",
    .live = true,
    .doc = "How often the load of the node is measured."},
   &store<messages, overload, &overload_config::interval>},
  {{.name = "overload.hold",
    .kind = value_kind::duration,
    .default_text = "5s",
    .max = 60 * minute,
    .unit = "ms",
    .live = true,
    .doc = "How long less than nine tenths of what began a level must be "
           "measured before it ends."},
   &store<messages, overload, &overload_config::hold>},
  {{.name = "overload.memory_limit",
    .kind = value_kind::size,
    .default_text = "off",
    .off = "off",
    .min = 1,
    .max = std::int64_t{1} << 50,
    .unit = "bytes",
    .live = true,
    .doc = "Resident memory of the process: 80, 90 and 97 % of it are the "
           "levels elevated, high and critical."},
   &store<messages, overload, &overload_config::memory_max>},
  {{.name = "overload.lag_limit",
    .kind = value_kind::duration,
    .default_text = "500ms",
    .off = "off",
    .min = 1,
    .max = 60 * minute,
    .unit = "ms",
    .live = true,
    .doc = "How long a message to an actor of a reactor waits for its turn: "
           "once, twice and four times this are the levels."},
   &store<messages, overload, &overload_config::lag_max>},
  {{.name = "overload.store_limit",
    .kind = value_kind::duration,
    .default_text = "2s",
    .off = "off",
    .min = 1,
    .max = 60 * minute,
    .unit = "ms",
    .live = true,
    .doc = "The same of those who write messages to the disk."},
   &store<messages, overload, &overload_config::store_lag_max>},
  {{.name = "overload.mailbox_limit",
    .kind = value_kind::integer,
    .default_text = "100000",
    .off = "off",
    .min = 1,
    .max = uint32_max,
    .unit = "messages",
    .live = true,
    .doc = "Messages that wait for one of these actors: once, twice and four "
           "times this are the levels."},
   &store<messages, overload, &overload_config::mailbox_max>},
  {{.name = "overload.elevated",
    .kind = value_kind::words,
    .default_text = "drop_slow_qos0",
    .words = shedding_words,
    .live = true,
    .doc = "What is done at that level: refuse_connect answers 0x89 (before "
           "5.0, 3) to CONNECT; drop_slow_qos0 drops QoS 0 for clients that "
           "do not take it at once; drop_qos0 drops each PUBLISH of QoS 0; "
           "disconnect_slow ends the connections with the most that waits."},
   &store_actions<messaging::overload_level::elevated>},
  {{.name = "overload.high",
    .kind = value_kind::words,
    .default_text = "refuse_connect,drop_slow_qos0,disconnect_slow",
    .words = shedding_words,
    .live = true,
    .doc = "The same at level high."},
   &store_actions<messaging::overload_level::high>},
  {{.name = "overload.critical",
    .kind = value_kind::words,
    .default_text = "refuse_connect,drop_slow_qos0,drop_qos0,disconnect_slow",
    .words = shedding_words,
    .live = true,
    .doc = "The same at level critical."},
   &store_actions<messaging::overload_level::critical>},
});

} // namespace

std::span<const config_key<node_config>> overload_keys() noexcept {
  return keys;
}

} // namespace hetzel::node
