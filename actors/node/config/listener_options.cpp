#include "actors/node/config/key_table.hpp"
#include "actors/node/config/scalar.hpp"
#include "actors/node/config/store.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace hetzel::node {

namespace {

using net::listener_config;

void store_address(listener_config& to, const value& from) {
  to.address = from.text;
  to.port = static_cast<std::uint16_t>(from.number);
}

void store_max_connections(listener_config& to, const value& from) {
  to.max_connections = from.off ? std::numeric_limits<std::size_t>::max()
                                : static_cast<std::size_t>(from.number);
}

void store_durability(listener_config& to, const value& from) {
  constexpr std::array words{net::message_durability::relaxed,
                             net::message_durability::written,
                             net::message_durability::synced};
  // The first word leaves it to the node.
  if (from.number > 0)
    to.message_durability = words[static_cast<std::size_t>(from.number - 1)];
}

void store_versions(listener_config& to, const value& from) {
  const auto allows = [&](std::int64_t level) {
    return std::binary_search(from.numbers.begin(), from.numbers.end(), level);
  };
  to.allowed_versions = {
    .v3_1 = allows(3),
    .v3_1_1 = allows(4),
    .v5 = allows(5),
    .v3_1_bridge = allows(131),
    .v3_1_1_bridge = allows(132),
  };
}

/// VerneMQ's third size is a buffer per connection, which we do not have.
void store_buffer_sizes(listener_config& to, const value& from) {
  if (from.off)
    return;
  to.send_buffer = static_cast<std::size_t>(from.numbers[0]);
  to.receive_buffer = static_cast<std::size_t>(from.numbers[1]);
}

/// A list as VerneMQ writes it too: [a,b].
template <auto Field>
void store_names(listener_config& to, const value& from) {
  auto& names = to.*Field;
  names.clear();
  if (from.off)
    return;
  std::string_view text = from.text;
  if (text.starts_with('[') && text.ends_with(']'))
    text = text.substr(1, text.size() - 2);
  for (const auto name : split(text, ','))
    if (!name.empty())
      names.emplace_back(name);
}

using key = config_key<listener_config>;

constexpr auto options = std::to_array<listener_option>({
  {key{{.name = "address",
        .kind = value_kind::address,
        .default_text = "127.0.0.1:1883",
        .live = true,
        .doc = "Where the listener listens; port 0 lets the system choose. "
               "Written `listeners.<kind>.<name>: address:port` for short."},
       &store_address},
   inherits_from::nothing},
  {key{{.name = "max_connections",
        .kind = value_kind::integer,
        .default_text = "100000",
        .off = "infinity",
        .min = 1,
        .max = 10'000'000,
        .unit = "connections",
        .live = true,
        .doc = "Open connections; further ones are closed at once. Never more "
               "than the process has file descriptors for."},
       &store_max_connections},
   inherits_from::kind_and_root},
  {key{{.name = "mountpoint",
        .kind = value_kind::text,
        .default_text = "off",
        .off = "off",
        .max = 255,
        .live = true,
        .doc = "The name space of client ids, topics and retained messages of "
               "this listener's clients; different ones never meet."},
       &store<&listener_config::mountpoint>},
   inherits_from::kind_and_root},
  {key{{.name = "allowed_protocol_versions",
        .kind = value_kind::versions,
        .default_text = "3,4,5,131",
        .live = true,
        .doc = "3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0; 131 and 132 are the first "
               "two as bridges say them. Others get CONNACK 0x01 or 0x84."},
       &store_versions},
   inherits_from::kind},
  {key{{.name = "allow_anonymous_override",
        .kind = value_kind::flag,
        .default_text = "off",
        .live = true,
        .doc = "Admits every client of this listener without asking, whatever "
               "allow_anonymous says."},
       &store<&listener_config::allow_anonymous_override>},
   inherits_from::nothing},
  {key{{.name = "message_durability",
        .kind = value_kind::choice,
        .default_text = "node",
        .words = "node relaxed written synced",
        .doc = "What a message that a client of this listener publishes has "
               "survived when it is acknowledged; node: as the node's key of "
               "that name says, which says what the words mean."},
       &store_durability},
   inherits_from::kind_and_root},
  {key{{.name = "auth_plugins",
        .kind = value_kind::text,
        .default_text = "off",
        .off = "off",
        .max = 1'024,
        .doc = "The plugins that decide whether a client of this listener may "
               "connect, in that order: passwd,jwt. off is all that are on."},
       &store_names<&listener_config::auth_plugins>},
   inherits_from::kind_and_root},
  {key{{.name = "authz_plugins",
        .kind = value_kind::text,
        .default_text = "off",
        .off = "off",
        .max = 1'024,
        .doc = "The same for what its clients publish and subscribe."},
       &store_names<&listener_config::authz_plugins>},
   inherits_from::kind_and_root},
  {key{{.name = "nodelay",
        .kind = value_kind::flag,
        .default_text = "on",
        .live = true,
        .doc = "Sends small packets at once (TCP_NODELAY)."},
       &store<&listener_config::nodelay>},
   inherits_from::kind},
  {key{{.name = "backlog",
        .kind = value_kind::integer,
        .default_text = "4096",
        .min = 1,
        .max = 65'535,
        .unit = "connections",
        .live = true,
        .doc = "Connections that the kernel holds until they are accepted; "
               "net.core.somaxconn is its own limit."},
       &store<&listener_config::backlog>},
   inherits_from::kind},
  {key{{.name = "buffer_sizes",
        .kind = value_kind::sizes,
        .default_text = "off",
        .off = "off",
        .min = 1'024,
        .max = 16 << 20,
        .live = true,
        .doc = "Send and receive buffer of a socket, with a comma between "
               "them; off leaves them to the kernel. VerneMQ's third number is "
               "accepted and has no effect."},
       &store_buffer_sizes},
   inherits_from::kind},
});

} // namespace

std::span<const listener_option> general_listener_options() noexcept {
  return options;
}

} // namespace hetzel::node
