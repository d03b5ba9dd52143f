#include "protocol/assert.hpp"
#include "protocol/decoder.hpp"
#include "protocol/encoder.hpp"
#include "protocol/topic.hpp"
#include "test/support/packet_text.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

/// Any bytes as a stream of packets. The first byte chooses the version. What
/// is decoded must survive being encoded and decoded once more, and must be
/// what the decoder of its one type says.

using namespace hetzel;
using namespace hetzel::mqtt;

namespace {

constexpr std::size_t packet_size_max = 1 << 16;

constexpr protocol_version versions[]
  = {protocol_version::v3_1, protocol_version::v3_1_1, protocol_version::v5};

/// Properties that `encode` takes from fields of PUBLISH instead.
constexpr property_set own_fields
  = {property_id::topic_alias, property_id::message_expiry_interval};

std::string encoded(control_packet packet, protocol_version version) {
  std::string storage;
  if (auto* message = std::get_if<publish>(&packet)) {
    property_writer(storage).copy(message->properties, own_fields);
    message->properties = property_view(storage);
  }
  std::string out;
  encode(packet, version, out);
  return out;
}

void check_round_trip(const control_packet& packet, protocol_version version) {
  auto bytes = encoded(packet, version);
  auto found = next_frame(bytes, remaining_length_max + 5);
  HETZEL_ASSERT(found && *found && (*found)->size == bytes.size());
  auto again = decode(**found, version);
  HETZEL_ASSERT(again);
  HETZEL_ASSERT(test::to_text(*again) == test::to_text(packet));
  HETZEL_ASSERT(encoded(*again, version) == bytes);
}

/// The decoders of the hot path agree with the general one.
void check_special_decoders(const frame& packet, protocol_version version,
                            const expected<control_packet, reason_code>& all) {
  if (packet.type == packet_type::publish) {
    auto one = decode_publish(packet, version);
    HETZEL_ASSERT(one.has_value() == all.has_value());
    HETZEL_ASSERT(one || one.error() == all.error());
  }
  if (packet.type == packet_type::connect) {
    auto one = decode_connect(packet);
    HETZEL_ASSERT(one.has_value() == all.has_value());
  }
}

/// Rules that look at what was decoded.
void check_topics(const control_packet& packet) {
  if (auto* message = std::get_if<publish>(&packet))
    static_cast<void>(check_topic_name(message->topic_name, {}));
  if (auto* request = std::get_if<subscribe>(&packet))
    for (auto& entry : request->entries)
      if (auto parsed = parse_topic_filter(entry.topic_filter, {}))
        static_cast<void>(matches(parsed->topic_filter, "a/b"));
}

/// Handles the packet at the front of `stream`; false: there is none.
bool take_packet(bytes_view& stream, protocol_version version) {
  auto size = frame_size(stream);
  auto found = next_frame(stream, packet_size_max);
  if (!found || !*found)
    return false;
  HETZEL_ASSERT(size == (*found)->size && *size <= stream.size());
  auto packet = decode(**found, version);
  check_special_decoders(**found, version, packet);
  if (packet) {
    check_round_trip(*packet, version);
    check_topics(*packet);
  } else {
    HETZEL_ASSERT(is_error(packet.error()));
  }
  stream.remove_prefix((*found)->size);
  return true;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  bytes_view stream(reinterpret_cast<const char*>(bytes), size);
  if (stream.empty())
    return 0;
  auto version = versions[static_cast<unsigned char>(stream.front()) % 3];
  stream.remove_prefix(1);
  while (take_packet(stream, version)) {
  }
  return 0;
}
