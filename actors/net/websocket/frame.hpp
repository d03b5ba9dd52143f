#pragma once

#include "protocol/basic_types.hpp"
#include "protocol/expected.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

/// Frames of WebSocket (RFC 6455, 5.2), integers big endian:
///
///    0  1  0x80 last frame of its message, 0x40 compressed message (RFC 7692),
///          0x30 reserved; 0x0F what it is (`opcode`)
///    1  1  0x80 masked, 0x7F size: 0…125, 126: in the next two bytes, 127: in
///          the next eight; always in the shortest of the three
///    –  4  masking key, if masked: a client must, a server must not
///    –  –  payload, byte i combined with byte i % 4 of the key by XOR

namespace hetzel::net::websocket {

enum class opcode : unsigned char {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

/// Why a connection is closed (RFC 6455, 7.4.1), of those that we say.
enum class close_code : std::uint16_t {
  normal = 1000,
  protocol_error = 1002,
  unsupported = 1003,  ///< text
  invalid_data = 1007, ///< what does not inflate, or a reason that is no text
  too_large = 1009,
};

using masking_key = std::array<unsigned char, 4>;

struct frame_header {
  opcode kind{};
  bool is_last = false;
  bool is_compressed = false;
  std::uint64_t size = 0; ///< of the payload
  masking_key key{};
};

/// Largest header of a client's frame.
inline constexpr std::size_t client_header_size_max = 14;

/// Largest payload of close, ping and pong (5.5).
inline constexpr std::size_t control_size_max = 125;

[[nodiscard]] constexpr bool is_control(opcode kind) noexcept {
  return (static_cast<unsigned>(kind) & 0x08U) != 0;
}

struct header_read {
  frame_header header;
  std::size_t size = 0; ///< bytes of the header itself
};

/// The header at the front of `bytes`, which a client sent; nullopt: it goes
/// on. All that one header alone can do wrong is `protocol_error`.
[[nodiscard]] mqtt::expected<std::optional<header_read>, close_code>
read_client_header(mqtt::bytes_view bytes) noexcept;

/// Appends the header of a server's frame that is a whole message.
void write_server_header(std::string& out, opcode kind, std::uint64_t size,
                         bool is_compressed = false);

/// Takes the key off (or puts it on) `size` bytes; the first of them is byte
/// `offset` of its frame.
void apply_mask(char* bytes, std::size_t size, masking_key key,
                std::uint64_t offset) noexcept;

/// What a close frame may carry (5.5.1): nothing, or a code that may be said
/// and a reason in UTF-8. The error is the code to answer with.
[[nodiscard]] mqtt::expected<void, close_code>
check_close(mqtt::bytes_view payload) noexcept;

} // namespace hetzel::net::websocket
