#pragma once

#include "protocol/expected.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The lines of the control socket, version 1, for both of its sides. Lines
/// are UTF-8 and end with LF.
///
///   | from   | line                                                     |
///   |--------|----------------------------------------------------------|
///   | server | `hetzel control 1`, once, when it takes the connection   |
///   | client | a request: words with blanks between                     |
///   | server | any number of lines of text, each with a blank in front  |
///   | server | the status: `ok`, `usage SENTENCE` or `failed SENTENCE`  |
///
/// Requests are answered one after the other. A word that is empty or has
/// blanks, quotes, backslashes or control characters stands in double quotes,
/// in which \" \\ \n \r \t mean what they mean in C. A first word `@/folder`
/// says where the client is, which paths in the request are relative to.

namespace hetzel::admin {

inline constexpr std::string_view greeting = "hetzel control 1";

inline constexpr std::size_t request_bytes_max = 16'384;
inline constexpr std::size_t request_words_max = 64;

/// How a request ended.
enum class outcome : unsigned char {
  ok,
  usage,  ///< the words of the request make no sense
  failed, ///< they do, but it could not be done
};

[[nodiscard]] std::string_view to_string(outcome how) noexcept;

struct status {
  outcome how = outcome::ok;
  /// For a person; empty when all is well.
  std::string sentence{};
};

/// Without the line's end.
[[nodiscard]] std::string encode_words(std::span<const std::string> words);

/// The error is a sentence.
[[nodiscard]] mqtt::expected<std::vector<std::string>, std::string>
parse_words(std::string_view line);

/// A line of text with its end. Control characters, which peers may have
/// chosen, become \xHH: nothing moves the cursor of the one who reads it.
[[nodiscard]] std::string text_line(std::string_view text);

[[nodiscard]] std::string status_line(const status& what);

/// nullopt: the line is no status.
[[nodiscard]] std::optional<status> parse_status(std::string_view line);

} // namespace hetzel::admin
