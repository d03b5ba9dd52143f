#pragma once

#include <caf/fwd.hpp>
#include <caf/timespan.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hetzel::runtime {

/// One line of an actor's state as a person reads it.
struct state_entry {
  std::string key;
  std::string value;
};

/// In the order to show them in.
using state_entries = std::vector<state_entry>;

/// What an actor answers to `describe_atom`: who it is and how it fares.
struct actor_description {
  std::string kind; ///< such as "mqtt.session"
  std::uint64_t id = 0;
  std::uint64_t parent = 0; ///< id of who spawned it; 0: nobody said
  std::optional<std::uint16_t> reactor; ///< none: on CAF's own threads
  std::uint64_t mailbox_size = 0;
  std::uint64_t messages_handled = 0;
  caf::timespan age{0};
  std::uint32_t restarts = 0; ///< by its supervisor, before this life
  std::string last_failure; ///< that ended its former life; empty: none
  state_entries state;
};

template <class Inspector>
bool inspect(Inspector& f, state_entry& x) {
  return f.object(x).fields(f.field("key", x.key), f.field("value", x.value));
}

template <class Inspector>
bool inspect(Inspector& f, actor_description& x) {
  return f.object(x).fields(
    f.field("kind", x.kind), f.field("id", x.id), f.field("parent", x.parent),
    f.field("reactor", x.reactor), f.field("mailbox_size", x.mailbox_size),
    f.field("messages_handled", x.messages_handled), f.field("age", x.age),
    f.field("restarts", x.restarts), f.field("last_failure", x.last_failure),
    f.field("state", x.state));
}

} // namespace hetzel::runtime
