#pragma once

#include "persistence/errc.hpp"
#include "protocol/basic_types.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What the message store has of a Session beside its messages. Integers are
/// those of `cluster/wire`.
///
///   | u8     | version: 1                                              |
///   | varint | no message with a larger number was sent                |
///   | varint | how many Packet Identifiers follow, each a varint       |
///
/// The identifiers are those that PUBREL was or is to be sent for.

namespace hetzel::messaging {

struct session_image {
  std::uint64_t sent_up_to = 0;
  std::vector<mqtt::packet_id> received;

  bool operator==(const session_image&) const = default;
};

[[nodiscard]] std::string encode(const session_image& image);

[[nodiscard]] persistence::expected<session_image, persistence::errc>
decode_session_image(std::string_view bytes);

} // namespace hetzel::messaging
