#include "protocol/decoder.hpp"
#include "protocol/encoder.hpp"
#include "protocol/variable_byte_integer.hpp"
#include "test/support/hex.hpp"
#include "test/support/packet_generator.hpp"
#include "test/support/packet_text.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <memory>

namespace round_trip_test {

using namespace hetzel;
using namespace hetzel::mqtt;
using test::packet_generator;

namespace {

constexpr std::uint32_t seed = 20'240'601;
constexpr std::size_t no_limit = remaining_length_max + 5;
constexpr protocol_version versions[]
  = {protocol_version::v3_1, protocol_version::v3_1_1, protocol_version::v5};

std::string encoded(const control_packet& packet, protocol_version version) {
  std::string out;
  encode(packet, version, out);
  return out;
}

/// As a decoder that is not given a PUBLISH's own fields twice would have it.
control_packet without_own_fields(control_packet packet, std::string& storage) {
  if (auto* message = std::get_if<publish>(&packet)) {
    property_writer(storage).copy(
      message->properties,
      {property_id::topic_alias, property_id::message_expiry_interval});
    message->properties = property_view(storage);
  }
  return packet;
}

/// Calls `visit` with many packets of each type that a version has.
void for_each_packet(
  int rounds,
  const std::function<void(const control_packet&, protocol_version)>& visit) {
  packet_generator generator(seed);
  for (auto version : versions)
    for (unsigned type = 1; type <= 15; ++type)
      for (auto round = 0; round < rounds; ++round) {
        if (type == 15 && version != protocol_version::v5)
          continue;
        CAPTURE(seed);
        visit(generator.packet(static_cast<packet_type>(type), version),
              version);
        generator.clear();
      }
}

/// The bytes in memory of their own size, where a sanitizer sees every read
/// beyond them.
class exact_copy {
public:
  explicit exact_copy(bytes_view bytes)
    : bytes_(std::make_unique<char[]>(bytes.size())), size_(bytes.size()) {
    bytes.copy(bytes_.get(), bytes.size());
  }

  [[nodiscard]] bytes_view view() const { return {bytes_.get(), size_}; }

private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_;
};

/// The first byte of `packet` with a body of `size` bytes of it.
std::string with_body_cut(const frame& packet, char first_byte,
                          std::size_t size) {
  char length[4];
  auto* end
    = write_variable_byte_integer(length, static_cast<std::uint32_t>(size));
  return first_byte + std::string(length, end)
         + std::string(packet.body.substr(0, size));
}

/// Decodes one whole packet; what succeeds must be what it says: encoded again
/// it gives the same packet.
void check_consistent(bytes_view bytes, protocol_version version) {
  exact_copy copy(bytes);
  auto found = next_frame(copy.view(), no_limit);
  if (!found || !*found)
    return;
  auto packet = decode(**found, version);
  if (!packet)
    return;
  std::string storage;
  auto again = encoded(without_own_fields(*packet, storage), version);
  auto second = decode(**next_frame(again, no_limit), version);
  REQUIRE(second.has_value());
  CHECK(test::to_text(*second) == test::to_text(*packet));
}

} // namespace

TEST_CASE("what is encoded is decoded as it was, for every packet type and "
          "version (MQTT 5, 3)") {
  for_each_packet(300,
                  [](const control_packet& packet, protocol_version version) {
                    auto bytes = encoded(packet, version);
                    CAPTURE(test::to_hex(bytes));
                    exact_copy copy(bytes);
                    auto found = next_frame(copy.view(), no_limit);
                    REQUIRE(found.has_value());
                    REQUIRE(found->has_value());
                    CHECK((*found)->size == bytes.size());
                    CHECK(frame_size(bytes) == bytes.size());
                    auto decoded = decode(**found, version);
                    REQUIRE(decoded.has_value());
                    CHECK(test::to_text(*decoded) == test::to_text(packet));
                  });
}

TEST_CASE("no prefix of a packet is taken for a packet (MQTT 5, 2.1.4)") {
  for_each_packet(10,
                  [](const control_packet& packet, protocol_version version) {
                    auto bytes = encoded(packet, version);
                    for (std::size_t size = 0; size < bytes.size(); ++size) {
                      exact_copy copy(bytes_view(bytes).substr(0, size));
                      auto found = next_frame(copy.view(), no_limit);
                      CAPTURE(test::to_hex(copy.view()));
                      REQUIRE(found.has_value());
                      CHECK(!found->has_value());
                    }
                  });
}

TEST_CASE("a packet whose Remaining Length cuts it short is an error or a "
          "shorter packet, never something else [MQTT-4.13.1-1]") {
  for_each_packet(
    20, [](const control_packet& packet, protocol_version version) {
      auto bytes = encoded(packet, version);
      auto whole = **next_frame(bytes, no_limit);
      for (std::size_t size = 0; size < whole.body.size(); ++size) {
        auto cut = with_body_cut(whole, bytes.front(), size);
        CAPTURE(test::to_hex(cut));
        check_consistent(cut, version);
      }
    });
}

TEST_CASE("a packet with bytes behind its last field is malformed, except "
          "where the last field has no end [MQTT-4.13.1-1]") {
  for_each_packet(
    20, [](const control_packet& packet, protocol_version version) {
      auto bytes = encoded(packet, version);
      auto whole = **next_frame(bytes, no_limit);
      auto longer = std::string(whole.body) + '\xFF';
      frame padded = whole;
      padded.body = longer;
      auto long_bytes = with_body_cut(padded, bytes.front(), longer.size());
      auto decoded = decode(**next_frame(long_bytes, no_limit), version);
      CAPTURE(test::to_hex(long_bytes));
      CHECK(decoded.has_value() == std::holds_alternative<publish>(packet));
    });
}

TEST_CASE("damaged packets are errors or other valid packets "
          "[MQTT-4.13.1-1]") {
  packet_generator damage(seed + 1);
  for_each_packet(
    200, [&](const control_packet& packet, protocol_version version) {
      auto bytes = encoded(packet, version);
      for (auto hits = 1 + damage.number(2); hits > 0; --hits) {
        auto at = damage.number(static_cast<std::uint32_t>(bytes.size() - 1));
        bytes[at] = static_cast<char>(damage.number(255));
      }
      CAPTURE(test::to_hex(bytes));
      check_consistent(bytes, version);
    });
}

TEST_CASE("packets behind one another are found one by one (MQTT 5, 4.2)") {
  std::string stream;
  std::vector<std::string> texts;
  for_each_packet(5,
                  [&](const control_packet& packet, protocol_version version) {
                    if (version != protocol_version::v5)
                      return;
                    encode(packet, version, stream);
                    texts.push_back(test::to_text(packet));
                  });
  bytes_view rest = stream;
  for (auto& text : texts) {
    auto found = **next_frame(rest, no_limit);
    CHECK(test::to_text(*decode(found, protocol_version::v5)) == text);
    rest.remove_prefix(found.size);
  }
  CHECK(rest.empty());
}

} // namespace round_trip_test
