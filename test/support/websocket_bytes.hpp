#pragma once

#include "actors/net/websocket/frame.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// WebSocket as a client writes and reads it, with every fault a test wants.

namespace hetzel::test {

struct client_frame {
  net::websocket::opcode kind = net::websocket::opcode::binary;
  bool is_last = true;
  bool is_masked = true;
  /// 0x40, 0x20, 0x10.
  unsigned reserved_bits = 0;
  net::websocket::masking_key key{0x37, 0xFA, 0x21, 0x3D};

  [[nodiscard]] std::string with(std::string_view payload) const;
};

/// `content` in a message of frames; each is as long as the next of `sizes`,
/// which are used again and again.
[[nodiscard]] std::string client_message(std::string_view content,
                                         const std::vector<std::size_t>& sizes);

struct server_frame {
  unsigned first_byte = 0;
  std::string payload;

  bool operator==(const server_frame&) const = default;
};

/// Takes the frames from the front of `bytes`. One that is masked, or has not
/// the shortest size, is a `std::runtime_error`.
[[nodiscard]] std::vector<server_frame>
take_server_frames(std::string_view& bytes);

/// Payloads of the binary frames in `bytes`, one behind the other.
[[nodiscard]] std::string server_payload(std::string_view bytes);

/// A good request for `/mqtt`; `lines`, each with CR LF, come last.
[[nodiscard]] std::string upgrade_request(std::string_view lines = {});

/// `text` with `from` replaced by `to`, which must be there once.
[[nodiscard]] std::string replaced(std::string text, std::string_view from,
                                   std::string_view to);

} // namespace hetzel::test
