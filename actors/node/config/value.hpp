#pragma once

#include "protocol/expected.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

/// What stands behind a key: the types of values and how they are read.

namespace hetzel::node {

/// Accepted text by kind (VerneMQ's forms, spec config 1.2).
enum class value_kind : unsigned char {
  flag,     ///< on, off, true, false
  integer,  ///< decimal, may be negative
  size,     ///< bytes, or with KB, MB, GB (powers of 1,024)
  duration, ///< 1h30m, 500ms, …; a plain integer counts the key's unit
  expiry,   ///< one number with s, h, d, w, m (28 days) or y (336 days)
  choice,   ///< one of the key's words
  text,
  path,      ///< of a file or folder; never empty
  node_name, ///< name@host
  address,   ///< 127.0.0.1:1883, [::1]:1883, ::1:1883; port 0 is allowed;
             ///< local:/path:0
  versions,  ///< list of 3, 4, 5, 131, 132
  sizes,     ///< two or three sizes
  networks,  ///< list of 10.0.0.0/8, ::1, …; all; none
  mode,      ///< permissions of a file, octal
  words,     ///< list of the key's words
};

/// Everything there is to know about a key, as data.
struct key_facts {
  std::string_view name{};
  value_kind kind{};
  std::string_view default_text{};
  /// The text that means "no limit"; empty: there is none.
  std::string_view off{};
  /// Bounds in bytes, milliseconds, seconds (expiry) or characters (text).
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  /// Of a choice or a list, separated by blanks; the value is the position.
  std::string_view words{};
  /// Of plain integers: "ms", "s", "bytes", …; what the documentation says.
  std::string_view unit{};
  /// True: SIGHUP applies it to what begins afterwards. False: a restart does.
  bool live = false;
  /// True: no output ever shows a value of it.
  bool secret = false;
  /// One or more sentences for people.
  std::string_view doc{};
};

/// A value that was read; which members count follows from the kind.
struct value {
  /// Flag, integer, choice; bytes, milliseconds, seconds; the port.
  std::int64_t number = 0;
  /// Text, path, node name; networks as written; the address without port
  /// and brackets, or the path in `local:<path>:0`.
  std::string text{};
  /// Versions, sizes, words.
  std::vector<std::int64_t> numbers{};
  /// The text was `key_facts::off`.
  bool off = false;

  bool operator==(const value&) const = default;
};

/// Reads `text` as the key wants it. The error says what is wrong with it, in
/// the words of somebody who wrote a configuration; it cites no secret.
[[nodiscard]] mqtt::expected<value, std::string>
parse_value(const key_facts& key, std::string_view text);

/// "duration in s, 0…1d" and the like: what may stand there.
[[nodiscard]] std::string describe_kind(const key_facts& key);

} // namespace hetzel::node
