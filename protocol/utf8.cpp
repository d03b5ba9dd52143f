#include "protocol/utf8.hpp"

#include "protocol/byte_word.hpp"

#include <cstddef>

namespace hetzel::mqtt {

namespace {

bool is_continuation(unsigned char byte) noexcept {
  return (byte & 0xC0) == 0x80;
}

/// What may follow a lead byte: `size` bytes in all, the second of them in
/// second_min…second_max. Narrowing the second byte is what excludes over-long
/// forms, surrogates and code points beyond U+10FFFF (Unicode, table 3-7).
struct sequence_form {
  std::size_t size;
  unsigned char second_min;
  unsigned char second_max;
};

/// `size` 0: no sequence starts with that byte.
sequence_form form_of(unsigned char lead) noexcept {
  if (lead < 0xC2)
    return {0, 0, 0};
  if (lead < 0xE0)
    return {2, 0x80, 0xBF};
  if (lead < 0xF0)
    return {3, static_cast<unsigned char>(lead == 0xE0 ? 0xA0 : 0x80),
            static_cast<unsigned char>(lead == 0xED ? 0x9F : 0xBF)};
  if (lead < 0xF5)
    return {4, static_cast<unsigned char>(lead == 0xF0 ? 0x90 : 0x80),
            static_cast<unsigned char>(lead == 0xF4 ? 0x8F : 0xBF)};
  return {0, 0, 0};
}

/// Length of the sequence at the front of `text` (not ASCII); 0: ill-formed.
std::size_t sequence_size(bytes_view text) noexcept {
  auto form = form_of(static_cast<unsigned char>(text[0]));
  if (form.size == 0 || text.size() < form.size)
    return 0;
  auto second = static_cast<unsigned char>(text[1]);
  if (second < form.second_min || second > form.second_max)
    return 0;
  for (std::size_t i = 2; i < form.size; ++i)
    if (!is_continuation(static_cast<unsigned char>(text[i])))
      return 0;
  return form.size;
}

/// The general case, still word by word where the text is ASCII.
[[gnu::noinline]] bool is_valid_sequence(bytes_view text) noexcept {
  while (!text.empty()) {
    if (text.size() >= sizeof(byte_word)
        && not_plain_ascii(load_byte_word(text.data())) == 0) {
      text.remove_prefix(sizeof(byte_word));
      continue;
    }
    auto byte = static_cast<unsigned char>(text.front());
    auto size = byte == 0 ? 0 : byte < 0x80 ? 1 : sequence_size(text);
    if (size == 0)
      return false;
    text.remove_prefix(size);
  }
  return true;
}

/// For texts of less than eight bytes: their bytes gathered in one word, some
/// of them twice.
bool is_short_plain_ascii(bytes_view text) noexcept {
  auto size = text.size();
  if (size == 0)
    return true;
  if (size >= sizeof(std::uint32_t)) {
    std::uint32_t first;
    std::uint32_t last;
    std::memcpy(&first, text.data(), sizeof(first));
    std::memcpy(&last, text.data() + size - sizeof(last), sizeof(last));
    return not_plain_ascii((byte_word{first} << 32) | last) == 0;
  }
  auto word = repeat_byte('a');
  for (auto index : {std::size_t{0}, size / 2, size - 1})
    word = (word << 8) | static_cast<unsigned char>(text[index]);
  return not_plain_ascii(word) == 0;
}

} // namespace

bool is_valid_utf8(bytes_view text) noexcept {
  constexpr auto step = sizeof(byte_word);
  if (text.size() < step)
    return is_short_plain_ascii(text) || is_valid_sequence(text);
  // Two words a turn; what is left is looked at as the last two words, which
  // may overlap what was seen already.
  auto* at = text.data();
  auto* end = at + text.size();
  byte_word seen = 0;
  for (; end - at >= static_cast<std::ptrdiff_t>(2 * step); at += 2 * step)
    seen |= not_plain_ascii(load_byte_word(at))
            | not_plain_ascii(load_byte_word(at + step));
  if (end - at > static_cast<std::ptrdiff_t>(step))
    seen |= not_plain_ascii(load_byte_word(at));
  seen |= not_plain_ascii(load_byte_word(end - step));
  return seen == 0 || is_valid_sequence(text);
}

} // namespace hetzel::mqtt
