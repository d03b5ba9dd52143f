#pragma once

#include "protocol/output_buffer.hpp"

#include <cstddef>
#include <string>

namespace hetzel::net::websocket {

struct deflated_part {
  /// Bytes at the front of the output that it stands for.
  std::size_t size = 0;
  /// As a message of permessage-deflate (RFC 7692, 7.2.1); valid until the
  /// next call on this thread.
  mqtt::bytes_view bytes;
};

/// Deflates up to `size_max` bytes from the front of `output`, or less when
/// they lie in many parts, as a message that stands alone: connections keep no
/// compressor, a thread has one. `window_bits`: 9…15. Leaves `output` as it is.
[[nodiscard]] deflated_part deflate(const mqtt::output_buffer& output,
                                    std::size_t size_max, int window_bits);

} // namespace hetzel::net::websocket
