#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace hetzel::runtime::log {

/// `warning` and above mean that a human should look.
enum class level : unsigned char { trace, debug, info, warning, error, off };

/// One `key=value`. The views must live until the call returns, no longer.
/// A value that a peer chose cannot forge a line: what holds blanks, quotes or
/// control characters is quoted and escaped, and cut after `value_size_max`.
class field {
public:
  static constexpr std::size_t value_size_max = 1024;

  using value_type = std::variant<std::string_view, std::int64_t,
                                  std::uint64_t, double, bool>;

  template <class T>
    requires std::convertible_to<const T&, std::string_view>
  field(std::string_view key, const T& value)
    : key_(key), value_(std::in_place_type<std::string_view>, value) {}

  template <std::integral T>
  field(std::string_view key, T value) : key_(key) {
    if constexpr (std::same_as<T, bool>)
      value_ = value;
    else if constexpr (std::signed_integral<T>)
      value_ = std::int64_t{value};
    else
      value_ = std::uint64_t{value};
  }

  field(std::string_view key, double value) : key_(key), value_(value) {}

  [[nodiscard]] std::string_view key() const noexcept { return key_; }
  [[nodiscard]] const value_type& value() const noexcept { return value_; }

private:
  std::string_view key_;
  value_type value_;
};

using fields = std::initializer_list<field>;

// -- set-up -------------------------------------------------------------------

struct config {
  level threshold = level::info;
  /// To stderr; it is also the fall-back when no other place can be opened.
  bool console = true;
  /// Empty: no file.
  std::string file_path;
  /// The file is renamed and a new one begun at this size. Range: ≥ 4 KiB.
  std::size_t file_size_max_bytes = 64U << 20U;
  /// Renamed files that are kept. Range: 0 … 200,000.
  std::size_t files_kept_max = 5;
  /// Lines waiting for the writing thread; when it falls behind the oldest are
  /// dropped, for a reactor must not wait for a disk.
  std::size_t lines_waiting_max = 8192;
};

/// Replaces where lines go; until it is called: warnings and errors to stderr,
/// written by the caller. Call it while nobody logs but the caller's own
/// thread. Returns what could not be set up (then stderr has it), else "".
std::string setup(const config& options);

/// Writes out what waits and ends the writing thread; back to plain stderr.
void shutdown();

/// From any thread.
void set_threshold(level threshold) noexcept;

// -- writing ------------------------------------------------------------------

namespace detail {
extern std::atomic<level> threshold;
void write(level severity, std::string_view event, fields values) noexcept;
} // namespace detail

/// For callers that would have to build a value.
[[nodiscard]] inline bool is_enabled(level severity) noexcept {
  return severity >= detail::threshold.load(std::memory_order_relaxed);
}

inline void write(level severity, std::string_view event,
                  fields values = {}) noexcept {
  if (is_enabled(severity))
    detail::write(severity, event, values);
}

/// `event` is a stable name such as "session.takeover".
inline void trace(std::string_view event, fields values = {}) noexcept {
  write(level::trace, event, values);
}
inline void debug(std::string_view event, fields values = {}) noexcept {
  write(level::debug, event, values);
}
inline void info(std::string_view event, fields values = {}) noexcept {
  write(level::info, event, values);
}
inline void warning(std::string_view event, fields values = {}) noexcept {
  write(level::warning, event, values);
}
inline void error(std::string_view event, fields values = {}) noexcept {
  write(level::error, event, values);
}

/// The line without time and level: `event key=value key="a value"`.
[[nodiscard]] std::string format(std::string_view event, fields values);

} // namespace hetzel::runtime::log

namespace hetzel {
namespace log = runtime::log;
} // namespace hetzel
