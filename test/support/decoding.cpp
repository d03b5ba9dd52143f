#include "test/support/decoding.hpp"

#include "protocol/encoder.hpp"
#include "test/support/hex.hpp"
#include "test/support/packet_text.hpp"

namespace hetzel::test {

using namespace mqtt;

std::string decoded_text(std::string_view notation, protocol_version version) {
  auto bytes = hex(notation);
  auto found = next_frame(bytes, remaining_length_max + 5);
  if (!found)
    return "error: " + std::string(to_string(found.error()));
  if (!*found)
    return "need more";
  auto packet = decode(**found, version);
  return packet ? to_text(*packet)
                : "error: " + std::string(to_string(packet.error()));
}

std::string encoded_hex(const control_packet& packet,
                        protocol_version version) {
  std::string out;
  encode(packet, version, out);
  return to_hex(out);
}

} // namespace hetzel::test
