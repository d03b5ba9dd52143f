#include "protocol/decoder.hpp"
#include "test/support/hex.hpp"

#include <doctest/doctest.h>

namespace frame_test {

using namespace hetzel::mqtt;
using hetzel::test::hex;

namespace {

constexpr std::size_t no_limit = remaining_length_max + 5;

/// The fault of what stands at the front; `success`: none.
reason_code fault_of(bytes_view notation, std::size_t limit = no_limit) {
  auto bytes = hex(notation);
  auto found = next_frame(bytes, limit);
  return found ? reason_code::success : found.error();
}

bool is_incomplete(bytes_view notation) {
  auto bytes = hex(notation);
  auto found = next_frame(bytes, no_limit);
  return found && !*found;
}

} // namespace

TEST_CASE("a frame has the type, the flags and the body of the first packet "
          "(MQTT 5, 2.1)") {
  auto bytes = hex("32 07 0001'a' 0005 'hi' C0 00");
  auto found = next_frame(bytes, no_limit);
  REQUIRE(found.has_value());
  REQUIRE(found->has_value());
  CHECK((*found)->type == packet_type::publish);
  CHECK((*found)->flags == 2);
  CHECK((*found)->body == hex("0001'a' 0005 'hi'"));
  CHECK((*found)->size == 9);
}

TEST_CASE("type 0 is reserved (MQTT 5, 2.1.2)") {
  CHECK(fault_of("00 00") == reason_code::malformed_packet);
  CHECK(fault_of("0F") == reason_code::malformed_packet);
}

TEST_CASE("reserved flags are malformed at the first byte [MQTT-2.1.3-1]") {
  // The flags that no version of that packet type has.
  for (unsigned type = 1; type <= 15; ++type)
    for (unsigned flags = 0; flags <= 15; ++flags) {
      auto first = static_cast<char>(type << 4U | flags);
      auto fixed = type == 6 || type == 8 || type == 10;
      // 3.1 repeats these three with DUP; later versions refuse that in
      // `decode`.
      auto is_valid
        = type == 3 || (fixed ? flags == 2 || flags == 10 : flags == 0);
      CAPTURE(type);
      CAPTURE(flags);
      CHECK(next_frame({&first, 1}, no_limit).has_value() == is_valid);
    }
}

TEST_CASE("Remaining Length takes one to four bytes (MQTT 5, 1.5.5)") {
  struct {
    const char* coded;
    std::size_t length;
  } boundaries[] = {
    {"00", 0},
    {"7F", 127},
    {"80 01", 128},
    {"FF 7F", 16'383},
    {"80 80 01", 16'384},
    {"FF FF 7F", 2'097'151},
    {"80 80 80 01", 2'097'152},
    {"FF FF FF 7F", 268'435'455},
  };
  for (auto& [coded, length] : boundaries) {
    auto bytes = hex("30") + hex(coded);
    CAPTURE(coded);
    CHECK(frame_size(bytes) == bytes.size() + length);
    CHECK(is_incomplete("30" + std::string(coded)) == (length != 0));
  }
}

TEST_CASE("a Remaining Length of five bytes is malformed (MQTT 5, 1.5.5)") {
  CHECK(fault_of("30 FF FF FF FF") == reason_code::malformed_packet);
  CHECK(fault_of("30 80 80 80 80 00") == reason_code::malformed_packet);
  CHECK(!frame_size(hex("30 FF FF FF FF 01")).has_value());
}

TEST_CASE("an incomplete packet asks for more (MQTT 5, 2.1.4)") {
  for (auto* part : {"", "30", "30 80", "30 80 80", "30 80 80 80", "30 02 00",
                     "30 80 01 00"}) {
    CAPTURE(part);
    CHECK(is_incomplete(part));
  }
}

TEST_CASE("a packet over the limit is refused by its header alone "
          "[MQTT-3.1.2-24]") {
  CHECK(fault_of("30 09", 10) == reason_code::packet_too_large);
  CHECK(fault_of("30 FF FF FF 7F", 1'000'000) == reason_code::packet_too_large);
  CHECK(fault_of("30 08", 10) == reason_code::success);
}

} // namespace frame_test
