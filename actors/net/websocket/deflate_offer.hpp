#pragma once

#include <string_view>

namespace hetzel::net::websocket {

inline constexpr int deflate_window_bits_max = 15;

/// Window bits towards the client of the first offer of permessage-deflate in
/// a value of Sec-WebSocket-Extensions that we can fulfil (RFC 7692, 7.1); 0:
/// there is none. Each parameter must be known, well-formed and named once. A
/// window of 8 bits cannot be promised: zlib has none.
[[nodiscard]] int accept_deflate(std::string_view offers);

} // namespace hetzel::net::websocket
