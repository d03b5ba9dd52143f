#include "actors/node/config/key_table.hpp"
#include "actors/node/config/store.hpp"

#include <array>

namespace hetzel::node {

namespace {

using net::listener_config;
using net::proxy_config;

using key = config_key<listener_config>;

void store_accept_rate(listener_config& to, const value& from) {
  if (from.number > 0)
    to.accept_rate_max = static_cast<std::uint32_t>(from.number);
}

void store_lifetime(listener_config& to, const value& from) {
  if (from.number > 0)
    to.connection_lifetime_max = std::chrono::duration_cast<
      std::chrono::seconds>(std::chrono::milliseconds{from.number});
}

void store_proxy_trusted(listener_config& to, const value& from) {
  // It was read once, to be checked.
  to.proxy.trusted = *net::parse_network_list(from.text);
}

/// What a connection of any kind gets below its own protocol.
constexpr auto options = std::to_array<listener_option>({
  {key{{.name = "max_connection_lifetime",
        .kind = value_kind::duration,
        .default_text = "0",
        .max = std::int64_t{10} * 366 * 24 * 3'600 * 1'000,
        .unit = "s",
        .live = true,
        .doc = "Longest that a connection lasts; then it is closed, a 5.0 "
               "client with reason code 0xA0. 0: without end."},
       &store_lifetime},
   inherits_from::kind_and_root},
  {key{{.name = "max_accept_rate",
        .kind = value_kind::integer,
        .default_text = "0",
        .max = 10'000'000,
        .unit = "connections per second",
        .live = true,
        .doc = "Connections that are accepted per second; who comes beyond it "
               "waits in the backlog. 0: no limit."},
       &store_accept_rate},
   inherits_from::kind},
  {key{{.name = "tcp_user_timeout",
        .kind = value_kind::duration,
        .default_text = "off",
        .off = "off",
        .min = 1'000,
        .max = 24 * 3'600 * 1'000,
        .unit = "ms",
        .live = true,
        .doc = "How long what was sent may stay unacknowledged by the peer's "
               "system (TCP_USER_TIMEOUT); off: the kernel's quarter of an "
               "hour."},
       &store<&listener_config::user_timeout>},
   inherits_from::kind},
  {key{{.name = "tcp_keepalive",
        .kind = value_kind::duration,
        .default_text = "off",
        .off = "off",
        .min = 1'000,
        .max = 32'767'000,
        .unit = "s",
        .live = true,
        .doc = "Silence after which the peer's system is asked whether it is "
               "still there (TCP_KEEPIDLE); off: the kernel's two hours."},
       &store<&listener_config::keepalive_idle>},
   inherits_from::kind},
  {key{{.name = "socket_mode",
        .kind = value_kind::mode,
        .default_text = "0660",
        .live = true,
        .doc = "Permissions of the file of a local socket (local:<path>:0)."},
       &store<&listener_config::socket_mode>},
   inherits_from::kind},
  {key{{.name = "proxy_protocol",
        .kind = value_kind::flag,
        .default_text = "off",
        .live = true,
        .doc = "Everybody comes through a proxy that sends a PROXY header, "
               "version 1 or 2, with the client's address."},
       &store<&listener_config::proxy, &proxy_config::is_on>},
   inherits_from::kind},
  {key{{.name = "proxy_protocol_trusted",
        .kind = value_kind::networks,
        .default_text = "127.0.0.0/8,::1",
        .live = true,
        .doc = "Addresses and networks of those proxies; others are closed. A "
               "header decides about the client's address and user name, so "
               "that nobody else should reach the listener from them. all: "
               "the network is guarded by other means."},
       &store_proxy_trusted},
   inherits_from::kind},
  {key{{.name = "proxy_protocol_use_cn_as_username",
        .kind = value_kind::flag,
        .default_text = "on",
        .live = true,
        .doc = "The common name of a client certificate that the proxy has "
               "verified (PROXY version 2) is the user name."},
       &store<&listener_config::proxy, &proxy_config::takes_common_name>},
   inherits_from::kind},
});

} // namespace

std::span<const listener_option> socket_listener_options() noexcept {
  return options;
}

} // namespace hetzel::node
