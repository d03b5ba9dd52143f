#include "protocol/utf8.hpp"

#include "test/support/hex.hpp"

#include <doctest/doctest.h>

#include <string>

namespace utf8_test {

using namespace hetzel::mqtt;
using hetzel::test::hex;
using hetzel::test::to_hex;

namespace {

/// UTF-8 as its definition says, for any number that fits four bytes.
std::string coded(char32_t point) {
  auto byte = [](char32_t bits) { return static_cast<char>(bits); };
  if (point < 0x80)
    return {byte(point)};
  if (point < 0x800)
    return {byte(0xC0 | point >> 6U), byte(0x80 | (point & 0x3F))};
  if (point < 0x1'0000)
    return {byte(0xE0 | point >> 12U), byte(0x80 | (point >> 6U & 0x3F)),
            byte(0x80 | (point & 0x3F))};
  return {byte(0xF0 | point >> 18U), byte(0x80 | (point >> 12U & 0x3F)),
          byte(0x80 | (point >> 6U & 0x3F)), byte(0x80 | (point & 0x3F))};
}

/// The text at every place of a longer one: words, their edges, the tail.
bool is_valid_anywhere(const std::string& text) {
  auto valid = is_valid_utf8(text);
  for (std::size_t before = 0; before <= 17; ++before)
    for (std::size_t after = 0; after <= 17; ++after) {
      auto whole = std::string(before, 'a') + text + std::string(after, 'z');
      CAPTURE(to_hex(whole));
      CHECK(is_valid_utf8(whole) == valid);
    }
  return valid;
}

} // namespace

TEST_CASE("every boundary of UTF-8 [MQTT-1.5.4-1]") {
  struct {
    const char* bytes;
    bool valid;
  } table[] = {
    {"01", true},        // U+0001, first that is not NUL
    {"7F", true},        // U+007F
    {"80", false},       // a continuation alone
    {"BF", false},       //
    {"C080", false},     // over-long NUL
    {"C1BF", false},     // over-long U+007F
    {"C280", true},      // U+0080
    {"DFBF", true},      // U+07FF
    {"C27F", false},     // no continuation
    {"C2C0", false},     //
    {"E08080", false},   // over-long
    {"E09FBF", false},   // over-long U+07FF
    {"E0A080", true},    // U+0800
    {"ECBFBF", true},    // U+CFFF
    {"ED9FBF", true},    // U+D7FF
    {"EDA080", false},   // U+D800, first surrogate
    {"EDBFBF", false},   // U+DFFF, last surrogate
    {"EE8080", true},    // U+E000
    {"EFBBBF", true},    // U+FEFF is a character [MQTT-1.5.4-3]
    {"EFBFBF", true},    // U+FFFF
    {"E0A07F", false},   // no third byte
    {"E0A0C0", false},   //
    {"F0808080", false}, // over-long
    {"F08FBFBF", false}, // over-long U+FFFF
    {"F0908080", true},  // U+10000
    {"F3BFBFBF", true},  // U+FFFFF
    {"F48FBFBF", true},  // U+10FFFF
    {"F4908080", false}, // U+110000
    {"F5808080", false}, // no such lead byte
    {"F8888080", false}, //
    {"FE", false},       //
    {"FF", false},       //
    {"F09080", false},   // cut short
    {"E2 82", false},    //
    {"C3", false},       //
    {"F0 90 80 7F", false}, {"F0 90 C0 80", false},
  };
  for (auto& [bytes, valid] : table) {
    CAPTURE(bytes);
    CHECK(is_valid_anywhere(hex(bytes)) == valid);
  }
}

TEST_CASE("NUL is not allowed, wherever it stands [MQTT-1.5.4-2]") {
  CHECK(!is_valid_anywhere(std::string(1, '\0')));
}

TEST_CASE("every code point is well-formed but NUL and the surrogates "
          "[MQTT-1.5.4-1]") {
  std::size_t wrong = 0;
  for (char32_t point = 0; point <= 0x11'0FFF; ++point) {
    auto valid
      = point != 0 && point <= 0x10'FFFF && (point < 0xD800 || point > 0xDFFF);
    wrong += is_valid_utf8(coded(point)) != valid ? 1U : 0U;
  }
  CHECK(wrong == 0);
}

TEST_CASE("the empty text is well-formed") {
  CHECK(is_valid_utf8({}));
}

TEST_CASE("one bad byte in a long text is found at every place") {
  for (std::size_t size = 1; size <= 70; ++size)
    for (std::size_t at = 0; at < size; ++at)
      for (auto bad : {'\0', '\x80', '\xFF'}) {
        std::string text(size, 'x');
        text[at] = bad;
        REQUIRE(!is_valid_utf8(text));
      }
}

} // namespace utf8_test
