#pragma once

#include "actors/net/websocket/upgrade.hpp"

#include <string>

/// What an HTTP request for a WebSocket is answered with.

namespace hetzel::net::websocket {

/// A way to say no.
struct refusal {
  unsigned status;
  const char* phrase;
  transport_fault fault;
  /// For the log and for who sent it.
  const char* sentence;
  /// Further lines of the header, each with its end.
  const char* lines = "";
};

namespace refusals {

extern const refusal foreign;
extern const refusal malformed;
extern const refusal wrong_key;
extern const refusal no_protocol;
extern const refusal wrong_forwarding;
extern const refusal wrong_origin;
extern const refusal untrusted_proxy;
extern const refusal unknown_path;
extern const refusal wrong_method;
extern const refusal line_too_long;
extern const refusal no_upgrade;
extern const refusal wrong_version;
extern const refusal header_too_large;

} // namespace refusals

[[nodiscard]] upgrade_outcome refuse(const refusal& how);

/// The answer 101 to who sent `key`. `window_bits` 0: without
/// permessage-deflate. Neither side keeps a window from message to message, so
/// that an idle connection owns none.
[[nodiscard]] std::string accept(mqtt::bytes_view key,
                                 mqtt::bytes_view protocol, int window_bits);

} // namespace hetzel::net::websocket
