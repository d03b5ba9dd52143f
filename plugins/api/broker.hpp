#pragma once

#include "plugins/api/modifiers.hpp"
#include "protocol/basic_types.hpp"
#include "protocol/reason_code.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace hetzel::plugins {

/// A message that a plugin publishes: no hook is asked, and No Local does not
/// apply.
struct internal_message {
  std::string mountpoint;
  std::string topic_name;
  std::string payload;
  mqtt::qos quality{};
  bool retain = false;
  message_properties properties;
};

/// What became of a client's subscriptions.
struct reauthorized {
  std::vector<std::string> removed;
  std::vector<std::string> added;
};

/// What the broker does for plugins (spec plugins-and-hooks.md, 7). From any
/// thread. `done` is called once, on a thread of the broker's, unless the node
/// stops before; it must not block. Implemented above this folder.
class broker {
public:
  virtual ~broker() = default;

  /// Ends the connection of that client (0x98); with `cleanup` its Session too.
  /// `done(found)`: there was a Session.
  virtual void disconnect(const subscriber_id& whom, bool cleanup,
                          std::function<void(bool found)> done)
    = 0;

  /// Asks `auth_on_subscribe` anew for each subscription of that client, takes
  /// away what is refused and puts in what is rewritten. `done(nullopt)`: there
  /// is no such Session.
  virtual void
  reauthorize(const subscriber_id& whom, std::optional<std::string> user_name,
              std::function<void(std::optional<reauthorized>)> done)
    = 0;

  /// Routes it, and has it retained. `done` hears `success`,
  /// `no_matching_subscribers` or why not; may be empty.
  virtual void publish(internal_message message,
                       std::function<void(mqtt::reason_code)> done)
    = 0;
};

} // namespace hetzel::plugins
