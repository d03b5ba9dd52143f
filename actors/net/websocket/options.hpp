#pragma once

#include "actors/net/network_list.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// What the WebSockets of a listener get. Keys in backquotes stand below
/// `listeners.ws.<name>.` or `listeners.wss.<name>.`, others alone.

namespace hetzel::net::websocket {

struct upgrade_options {
  /// `ws_path`.
  std::vector<std::string> paths{"/mqtt"};
  /// `ws_allowed_origins`: what a page's Origin may be; empty: anything. Who
  /// sends none is no page, and could send what it likes.
  std::vector<std::string> allowed_origins;
  /// `max_request_line_length` and `max_header_value_length`, in bytes. The
  /// whole request has room for one such line and eight such values.
  std::size_t request_line_max = 8'000;
  std::size_t header_value_max = 4'096;
  /// `ws_compression`: agrees on permessage-deflate with who offers it.
  bool is_compression_on = false;
  /// `proxy_xff_support`: everybody comes through a proxy, which names the
  /// client in X-Forwarded-For.
  bool is_forwarded = false;
  /// `proxy_xff_trusted_intermediate`.
  network_list trusted;
  /// `proxy_xff_use_cn_as_username` and `proxy_xff_cn_header`.
  bool takes_common_name = false;
  std::string common_name_header{"x-ssl-client-cn"};

  bool operator==(const upgrade_options&) const = default;
};

struct frame_limits {
  /// Key max_ws_frame_size: of the payload of a frame.
  std::uint64_t size_max = 268'435'456;
  /// Whether the upgrade agreed on permessage-deflate.
  bool is_compressed = false;
  /// Key max_ws_inflated_size: bytes that the frames of one read (128 KB)
  /// inflate to.
  std::size_t inflated_max = 32U << 20U;

  bool operator==(const frame_limits&) const = default;
};

struct layer_options {
  upgrade_options upgrade;
  /// `is_compressed` follows from the upgrade.
  frame_limits frames;

  bool operator==(const layer_options&) const = default;
};

} // namespace hetzel::net::websocket
