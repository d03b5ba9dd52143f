#include "plugins/crypto/base64.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace hetzel::plugins {

namespace {

constexpr std::string_view standard_letters
  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_letters
  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr unsigned letter_bits = 6;
constexpr unsigned byte_bits = 8;
constexpr std::uint8_t no_letter = 0xFF;

using value_table = std::array<std::uint8_t, 256>;

constexpr value_table values_of(std::string_view letters) {
  value_table values{};
  values.fill(no_letter);
  for (std::size_t i = 0; i < letters.size(); ++i)
    values[static_cast<unsigned char>(letters[i])]
      = static_cast<std::uint8_t>(i);
  return values;
}

constexpr auto standard_values = values_of(standard_letters);
constexpr auto url_values = values_of(url_letters);

/// Takes the `=` off; false: they are not as many as there must be.
bool strip_padding(mqtt::bytes_view& text) {
  if (text.size() % 4 != 0)
    return false;
  for (auto i = 0; i < 2 && text.ends_with('='); ++i)
    text.remove_suffix(1);
  return true;
}

} // namespace

std::string encode_base64(mqtt::bytes_view bytes, base64_form form) {
  const auto letters = form == base64_form::url ? url_letters
                                                : standard_letters;
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t kept = 0;
  unsigned bits = 0;
  for (auto byte : bytes) {
    kept = kept << byte_bits | static_cast<unsigned char>(byte);
    bits += byte_bits;
    for (; bits >= letter_bits; bits -= letter_bits)
      text += letters[kept >> (bits - letter_bits) & 0x3FU];
  }
  if (bits > 0)
    text += letters[kept << (letter_bits - bits) & 0x3FU];
  while (form == base64_form::padded && text.size() % 4 != 0)
    text += '=';
  return text;
}

std::optional<std::string> decode_base64(mqtt::bytes_view text,
                                         base64_form form) {
  if (form == base64_form::padded && !strip_padding(text))
    return std::nullopt;
  if (text.size() % 4 == 1)
    return std::nullopt;
  const auto& values = form == base64_form::url ? url_values : standard_values;
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t kept = 0;
  unsigned bits = 0;
  for (auto letter : text) {
    const auto value = values[static_cast<unsigned char>(letter)];
    if (value == no_letter)
      return std::nullopt;
    kept = kept << letter_bits | value;
    bits += letter_bits;
    if (bits >= byte_bits) {
      bits -= byte_bits;
      bytes += static_cast<char>(kept >> bits & 0xFFU);
    }
  }
  // Bits that belong to no byte are zero in the one right text.
  if ((kept & ((1U << bits) - 1)) != 0)
    return std::nullopt;
  return bytes;
}

} // namespace hetzel::plugins
