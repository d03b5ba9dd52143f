#pragma once

#include "protocol/basic_types.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace hetzel::plugins {

/// What is wrong with a text file, and where.
struct text_fault {
  /// 1…
  std::size_t line = 0;
  /// Without a full stop; cites no secret.
  std::string what;

  bool operator==(const text_fault&) const = default;
};

/// The lines of a text one after the other. LF ends a line, a CR in front of it
/// belongs to the end; the last line needs none.
class text_lines {
public:
  /// A view of `text`, which must outlive it.
  explicit text_lines(mqtt::bytes_view text) noexcept : rest_(text) {}

  /// Nullopt behind the last one.
  [[nodiscard]] std::optional<mqtt::bytes_view> next() noexcept;

  /// Of the line that `next` gave last; 1…
  [[nodiscard]] std::size_t number() const noexcept { return number_; }

private:
  mqtt::bytes_view rest_;
  std::size_t number_ = 0;
};

/// Without blanks and tabs at both ends.
[[nodiscard]] mqtt::bytes_view trim_blanks(mqtt::bytes_view text) noexcept;

/// Takes `word` off the front of `text`; false: it is not there.
[[nodiscard]] bool take_prefix(mqtt::bytes_view& text,
                               mqtt::bytes_view word) noexcept;

/// Takes what is in front of `separator` off `text`, and the separator; nullopt
/// when there is none.
[[nodiscard]] std::optional<mqtt::bytes_view>
take_until(mqtt::bytes_view& text, char separator) noexcept;

/// A decimal number without sign, and nothing else.
[[nodiscard]] std::optional<std::uint64_t>
parse_number(mqtt::bytes_view text) noexcept;

} // namespace hetzel::plugins
