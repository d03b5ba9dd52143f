#include "actors/node/config/key_table.hpp"
#include "actors/node/config/scalar.hpp"
#include "actors/node/config/store.hpp"

#include <array>

namespace hetzel::node {

namespace {

using net::listener_config;
using net::websocket::layer_options;
using net::websocket::upgrade_options;

using key = config_key<listener_config>;

std::vector<std::string> words_of(const value& from) {
  std::vector<std::string> words;
  if (from.off)
    return words;
  for (const auto word : split(from.text, ','))
    if (!word.empty())
      words.emplace_back(word);
  return words;
}

void store_paths(listener_config& to, const value& from) {
  to.websocket.upgrade.paths = words_of(from);
}

void store_origins(listener_config& to, const value& from) {
  to.websocket.upgrade.allowed_origins = words_of(from);
}

void store_trusted(listener_config& to, const value& from) {
  // It was read once, to be checked.
  to.websocket.upgrade.trusted = *net::parse_network_list(from.text);
}

template <auto Member>
void store_upgrade(listener_config& to, const value& from) {
  store<&listener_config::websocket, &layer_options::upgrade, Member>(to, from);
}

constexpr auto options = std::to_array<listener_option>({
  {key{{.name = "ws_path",
        .kind = value_kind::text,
        .default_text = "/mqtt",
        .min = 1,
        .max = 1'000,
        .live = true,
        .doc = "Paths, with commas between them, at which there is a "
               "WebSocket; others are answered with 404."},
       &store_paths},
   inherits_from::kind, websocket_kinds},
  {key{{.name = "ws_allowed_origins",
        .kind = value_kind::text,
        .default_text = "off",
        .off = "off",
        .max = 10'000,
        .live = true,
        .doc = "What a page's Origin may be, e.g. https://app.example.org; "
               "several with commas between them. off: anything. Clients "
               "that are no page send none and are not asked."},
       &store_origins},
   inherits_from::kind, websocket_kinds},
  {key{{.name = "ws_compression",
        .kind = value_kind::flag,
        .default_text = "off",
        .live = true,
        .doc = "Agrees on permessage-deflate with clients that offer it: "
               "fewer bytes for more processor time."},
       &store_upgrade<&upgrade_options::is_compression_on>},
   inherits_from::kind, websocket_kinds},
  {key{{.name = "max_request_line_length",
        .kind = value_kind::size,
        .default_text = "8000",
        .min = 64,
        .max = 64 << 10,
        .live = true,
        .doc = "First line of the HTTP request; a longer one is answered with "
               "414."},
       &store_upgrade<&upgrade_options::request_line_max>},
   inherits_from::kind, websocket_kinds},
  {key{{.name = "max_header_value_length",
        .kind = value_kind::size,
        .default_text = "4096",
        .min = 64,
        .max = 64 << 10,
        .live = true,
        .doc = "Value of one HTTP header; all together have eight times that. "
               "A larger one is answered with 431."},
       &store_upgrade<&upgrade_options::header_value_max>},
   inherits_from::kind, websocket_kinds},
  {key{{.name = "proxy_xff_support",
        .kind = value_kind::flag,
        .default_text = "off",
        .live = true,
        .doc = "Everybody comes through a proxy that names the client in "
               "X-Forwarded-For."},
       &store_upgrade<&upgrade_options::is_forwarded>},
   inherits_from::kind, websocket_kinds},
  {key{{.name = "proxy_xff_trusted_intermediate",
        .kind = value_kind::networks,
        .default_text = "none",
        .live = true,
        .doc = "Addresses and networks of those proxies; others are answered "
               "with 403. The client is the last address in the header that "
               "is none of them."},
       &store_trusted},
   inherits_from::kind, websocket_kinds},
  {key{{.name = "proxy_xff_use_cn_as_username",
        .kind = value_kind::flag,
        .default_text = "off",
        .live = true,
        .doc = "The common name in proxy_xff_cn_header is the user name. The "
               "proxy must take that header out of what clients send."},
       &store_upgrade<&upgrade_options::takes_common_name>},
   inherits_from::kind, websocket_kinds},
  {key{{.name = "proxy_xff_cn_header",
        .kind = value_kind::text,
        .default_text = "x-ssl-client-cn",
        .min = 1,
        .max = 255,
        .live = true,
        .doc = "The header in which the proxy gives the common name of the "
               "client's certificate."},
       &store_upgrade<&upgrade_options::common_name_header>},
   inherits_from::kind, websocket_kinds},
});

} // namespace

std::span<const listener_option> websocket_listener_options() noexcept {
  return options;
}

} // namespace hetzel::node
