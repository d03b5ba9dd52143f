#pragma once

#include "protocol/basic_types.hpp"
#include "protocol/expected.hpp"
#include "protocol/packet.hpp"
#include "protocol/reason_code.hpp"

#include <cstddef>
#include <optional>

/// Decoding, in two steps that need no state between reads: `next_frame` finds
/// the first complete packet in a buffer, `decode` gives it meaning. Nothing
/// is copied; PUBLISH and its replies allocate nothing. A peer's fault is the
/// reason code that answers it (MQTT 5, 4.13).

namespace hetzel::mqtt {

/// A complete packet: `body` is what follows the fixed header.
struct frame {
  packet_type type{};
  /// Bits 3–0 of the first byte.
  unsigned char flags = 0;
  bytes_view body;
  /// Fixed header and body: what to remove from the buffer.
  std::size_t size = 0;
};

/// The first packet in `buffer`; nullopt when more bytes are needed.
/// Errors: `malformed_packet` (type 0, flags that no version allows, a
/// Remaining Length of more than four bytes), `packet_too_large` as soon as the
/// header says more than `packet_size_max` (of the whole packet, fixed header
/// included).
[[nodiscard]] expected<std::optional<frame>, reason_code>
next_frame(bytes_view buffer, std::size_t packet_size_max) noexcept;

/// How many bytes the packet at the front of `buffer` will have in all;
/// nullopt while its header is incomplete. For sizing a read buffer.
[[nodiscard]] std::optional<std::size_t> frame_size(bytes_view buffer) noexcept;

/// Decodes a CONNECT; its version is in the packet itself. Errors:
/// `unsupported_protocol_version`, `malformed_packet`, `protocol_error`,
/// `client_identifier_not_valid` never (that is the session's rule).
[[nodiscard]] expected<connect, reason_code>
decode_connect(const frame& packet) noexcept;

/// The packet types of the hot path, without the variant.
[[nodiscard]] expected<publish, reason_code>
decode_publish(const frame& packet, protocol_version version) noexcept;

/// PUBACK, PUBREC, PUBREL or PUBCOMP, told apart by `packet.type`.
[[nodiscard]] expected<publish_reply, reason_code>
decode_publish_reply(const frame& packet, protocol_version version) noexcept;

/// Any packet of either direction: who may send which is the session's rule.
/// Errors: `malformed_packet` and `protocol_error` as the specification names
/// them, `topic_alias_invalid` for alias 0. The topic names and filters in it
/// are checked for UTF-8 and NUL only; wildcards, depth and length are the
/// business of `topic.hpp` and of limits.
[[nodiscard]] expected<control_packet, reason_code>
decode(const frame& packet, protocol_version version);

} // namespace hetzel::mqtt
