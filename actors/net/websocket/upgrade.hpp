#pragma once

#include "actors/net/transport_layer.hpp"
#include "actors/net/websocket/options.hpp"
#include "protocol/basic_types.hpp"

#include <cstddef>
#include <optional>
#include <string>

/// The HTTP request that a WebSocket begins with (RFC 6455, 4.2), and what a
/// proxy in front of it says.

namespace hetzel::net::websocket {

/// Most lines of a request.
inline constexpr std::size_t request_lines_max = 100;

struct upgrade_outcome {
  /// 101, or why there is no WebSocket (HTTP's status code).
  unsigned status = 101;
  /// The answer as it is sent.
  std::string response;
  transport_fault fault = transport_fault::none;
  /// A sentence, static; empty with 101.
  const char* failure = "";
  /// Of the client behind the proxy, "192.0.2.1:0"; empty: not said.
  std::string address;
  /// Of its certificate, as the proxy says; empty: not said.
  std::string common_name;
  /// Of permessage-deflate towards the client; 0: it is off.
  int window_bits = 0;
};

/// Collects the request and judges it. Bytes that cannot become one are refused
/// when they come, not when they end.
class upgrade_reader {
public:
  /// `options` must outlive it. `is_proxy_trusted`: the socket's peer is one of
  /// `options.trusted`.
  upgrade_reader(const upgrade_options& options,
                 bool is_proxy_trusted) noexcept;

  /// Takes the request from the front of `received`; nullopt: it goes on. Not
  /// to be called again once it answered.
  [[nodiscard]] std::optional<upgrade_outcome>
  read(mqtt::bytes_view& received);

private:
  [[nodiscard]] std::size_t size_max() const noexcept;
  [[nodiscard]] std::optional<upgrade_outcome> refuse_early() const;

  const upgrade_options& options_;
  bool is_proxy_trusted_;
  std::string request_;
};

} // namespace hetzel::net::websocket
