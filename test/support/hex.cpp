#include "test/support/hex.hpp"

#include <cctype>
#include <cstdio>
#include <stdexcept>

namespace hetzel::test {

namespace {

std::size_t text_end(std::string_view notation, std::size_t from) {
  auto end = notation.find('\'', from);
  if (end == std::string_view::npos)
    throw std::invalid_argument("a quote is not closed");
  return end;
}

char byte_at(std::string_view notation, std::size_t at) {
  auto digits = std::string(notation.substr(at, 2));
  std::size_t used = 0;
  auto value = std::stoul(digits, &used, 16);
  if (used != 2)
    throw std::invalid_argument("not two hex digits: " + digits);
  return static_cast<char>(value);
}

} // namespace

std::string hex(std::string_view notation) {
  std::string bytes;
  for (std::size_t at = 0; at < notation.size();) {
    if (std::isspace(static_cast<unsigned char>(notation[at])) != 0) {
      ++at;
    } else if (notation[at] == '\'') {
      auto end = text_end(notation, at + 1);
      bytes += notation.substr(at + 1, end - at - 1);
      at = end + 1;
    } else {
      bytes += byte_at(notation, at);
      at += 2;
    }
  }
  return bytes;
}

std::string to_hex(std::string_view bytes) {
  std::string text;
  for (auto byte : bytes) {
    char digits[4];
    std::snprintf(digits, sizeof(digits), "%02X ",
                  static_cast<unsigned>(static_cast<unsigned char>(byte)));
    text += digits;
  }
  if (!text.empty())
    text.pop_back();
  return text;
}

} // namespace hetzel::test
