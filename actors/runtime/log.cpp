#include "actors/runtime/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

namespace hetzel::runtime::log {

namespace detail {
std::atomic<level> threshold{level::warning};
} // namespace detail

namespace {

using logger_ptr = std::shared_ptr<spdlog::logger>;

constexpr const char* pattern = "%Y-%m-%dT%H:%M:%S.%f%z %^%l%$ %v";

spdlog::level::level_enum to_spdlog(level severity) noexcept {
  switch (severity) {
    case level::trace: return spdlog::level::trace;
    case level::debug: return spdlog::level::debug;
    case level::info: return spdlog::level::info;
    case level::warning: return spdlog::level::warn;
    case level::error: return spdlog::level::err;
    case level::off: break;
  }
  return spdlog::level::off;
}

spdlog::sink_ptr make_console_sink() {
  return std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
}

void prepare(spdlog::logger& logger) {
  // Our own threshold decides; spdlog must let everything through.
  logger.set_level(spdlog::level::trace);
  logger.set_pattern(pattern);
  logger.flush_on(spdlog::level::warn);
}

logger_ptr make_plain_logger() {
  auto logger = std::make_shared<spdlog::logger>("", make_console_sink());
  prepare(*logger);
  return logger;
}

logger_ptr& current_logger() {
  static logger_ptr logger = make_plain_logger();
  return logger;
}

using thread_pool_ptr = std::shared_ptr<spdlog::details::thread_pool>;

thread_pool_ptr& writing_thread() {
  static thread_pool_ptr pool;
  return pool;
}

// The old thread's end writes out what waits; the old logger goes after it.
void replace(logger_ptr logger, thread_pool_ptr thread) {
  const auto old_logger = std::exchange(current_logger(), std::move(logger));
  writing_thread() = std::move(thread);
}

// Appends the error to `failures` instead of throwing: a node whose log file
// cannot be opened must still come up and say so.
void add_file_sink(std::vector<spdlog::sink_ptr>& sinks, const config& options,
                   std::string& failures) {
  try {
    sinks.push_back(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
      options.file_path, options.file_size_max_bytes, options.files_kept_max));
  } catch (const std::exception& error) {
    failures += error.what();
  }
}

// -- formatting ---------------------------------------------------------------

bool is_control(unsigned char c) noexcept { return c < 0x20 || c == 0x7f; }

// U+0080 … U+009F, two bytes in UTF-8, move a terminal's cursor as well.
bool is_c1_control(std::string_view text, std::size_t at) noexcept {
  return static_cast<unsigned char>(text[at]) == 0xc2 && at + 1 < text.size()
         && static_cast<unsigned char>(text[at + 1]) < 0xa0;
}

bool needs_quotes(std::string_view text) noexcept {
  if (text.empty())
    return true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ' ' || c == '"' || c == '=' || c == '\\'
        || is_control(static_cast<unsigned char>(c)) || is_c1_control(text, i))
      return true;
  }
  return false;
}

void append_escaped_byte(std::string& line, unsigned char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  line += "\\x";
  line += digits[byte >> 4U];
  line += digits[byte & 0x0fU];
}

void append_quoted(std::string& line, std::string_view text) {
  line += '"';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (is_control(static_cast<unsigned char>(c))) {
      append_escaped_byte(line, static_cast<unsigned char>(c));
    } else if (is_c1_control(text, i)) {
      append_escaped_byte(line, static_cast<unsigned char>(c));
      append_escaped_byte(line, static_cast<unsigned char>(text[++i]));
    } else {
      line += c;
    }
  }
  line += '"';
}

void append(std::string& line, std::string_view text) {
  const bool is_cut = text.size() > field::value_size_max;
  if (is_cut)
    text = text.substr(0, field::value_size_max);
  if (needs_quotes(text))
    append_quoted(line, text);
  else
    line += text;
  if (is_cut)
    line += "...";
}

void append(std::string& line, bool value) {
  line += value ? "true" : "false";
}

template <class Number>
  requires std::is_arithmetic_v<Number>
void append(std::string& line, Number value) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  line.append(digits, end);
}

} // namespace

std::string format(std::string_view event, fields values) {
  std::string line;
  line.reserve(128);
  line += event;
  for (const field& entry : values) {
    line += ' ';
    line += entry.key();
    line += '=';
    std::visit([&line](auto value) { append(line, value); }, entry.value());
  }
  return line;
}

void detail::write(level severity, std::string_view event,
                   fields values) noexcept {
  try {
    current_logger()->log(to_spdlog(severity), format(event, values));
  } catch (...) {
    // Out of memory, or a full disk: logging must not end who logs.
    return;
  }
}

// -- set-up -------------------------------------------------------------------

std::string setup(const config& options) {
  std::string failures;
  std::vector<spdlog::sink_ptr> sinks;
  if (!options.file_path.empty())
    add_file_sink(sinks, options, failures);
  if (options.console || sinks.empty())
    sinks.push_back(make_console_sink());
  auto pool = std::make_shared<spdlog::details::thread_pool>(
    options.lines_waiting_max, 1);
  auto logger = std::make_shared<spdlog::async_logger>(
    "", sinks.begin(), sinks.end(), pool,
    spdlog::async_overflow_policy::overrun_oldest);
  prepare(*logger);
  replace(std::move(logger), std::move(pool));
  set_threshold(options.threshold);
  if (!failures.empty())
    error("log.file_failed",
          {{"path", options.file_path}, {"error", failures}});
  return failures;
}

void shutdown() {
  replace(make_plain_logger(), nullptr);
}

void set_threshold(level threshold) noexcept {
  detail::threshold.store(threshold, std::memory_order_relaxed);
}

} // namespace hetzel::runtime::log
