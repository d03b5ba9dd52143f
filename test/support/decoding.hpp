#pragma once

#include "protocol/decoder.hpp"

#include <string>
#include <string_view>

namespace hetzel::test {

/// What a decoder makes of one packet written in the notation of `hex.hpp`:
/// the packet's text, or "error: " and the reason code, or "need more".
[[nodiscard]] std::string decoded_text(std::string_view notation,
                                       mqtt::protocol_version version);

/// The bytes of a packet in hex.
[[nodiscard]] std::string encoded_hex(const mqtt::control_packet& packet,
                                      mqtt::protocol_version version);

} // namespace hetzel::test
