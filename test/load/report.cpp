#include "test/load/report.hpp"

#include <array>
#include <cstdio>
#include <utility>

namespace hetzel::test::load {

namespace {

// Six significant digits, and integers whole.
std::string number(double value) {
  std::array<char, 32> text;
  const auto is_whole = value >= 100'000 || value <= -100'000;
  std::snprintf(text.data(), text.size(), is_whole ? "%.0f" : "%.6g", value);
  return text.data();
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char one : text) {
    if (one == '"' || one == '\\')
      out += '\\';
    out += static_cast<unsigned char>(one) < 0x20 ? ' ' : one;
  }
  return out + '"';
}

double microseconds(std::uint64_t nanoseconds) noexcept {
  return static_cast<double>(nanoseconds) / 1000.0;
}

} // namespace

void report::add_latencies(const std::string& prefix, const histogram& times) {
  if (times.count() == 0)
    return;
  constexpr std::array<std::pair<const char*, double>, 4> percentiles{
    {{"_p50_us", 50}, {"_p90_us", 90}, {"_p99_us", 99}, {"_p99.9_us", 99.9}}};
  for (const auto& [suffix, percent] : percentiles)
    add(prefix + suffix, microseconds(times.percentile(percent)));
  add(prefix + "_max_us", microseconds(times.max()));
  add(prefix + "_mean_us", times.mean() / 1000.0);
}

void report::add_cpu(const std::string& unit,
                     const std::optional<server_usage>& from,
                     const std::optional<server_usage>& to, double count) {
  if (!from || !to || count <= 0)
    return;
  const auto used
    = std::chrono::duration<double, std::micro>{to->cpu - from->cpu};
  add("server_cpu_us_per_" + unit, used.count() / count);
}

void report::add_memory(const std::optional<server_usage>& from,
                        const std::optional<server_usage>& to, double clients) {
  if (!from || !to)
    return;
  constexpr double kilo = 1024;
  add("server_rss_before_kb", static_cast<double>(from->rss_bytes) / kilo);
  add("server_rss_after_kb", static_cast<double>(to->rss_bytes) / kilo);
  add("server_pss_before_kb", static_cast<double>(from->pss_bytes) / kilo);
  add("server_pss_after_kb", static_cast<double>(to->pss_bytes) / kilo);
  if (clients <= 0)
    return;
  const auto grown
    = static_cast<double>(to->pss_bytes) - static_cast<double>(from->pss_bytes);
  add("server_bytes_per_client", grown / clients);
}

void report::forbid(const std::string& what, std::uint64_t count) {
  if (count != 0)
    violate(std::to_string(count) + " " + what);
}

std::string report::to_text(const std::string& title) const {
  std::string out = title + "\n";
  for (const auto& one : metrics_) {
    std::array<char, 96> line;
    std::snprintf(line.data(), line.size(), "  %-32s %14s\n", one.name.c_str(),
                  number(one.value).c_str());
    out += line.data();
  }
  for (const auto& one : violations_)
    out += "  VIOLATION: " + one + "\n";
  return out;
}

std::string report::to_json(const std::string& title) const {
  std::string out = "{\"run\": " + quoted(title);
  for (const auto& one : metrics_)
    out += ", " + quoted(one.name) + ": " + number(one.value);
  out += ", \"violations\": [";
  for (const auto& one : violations_)
    out += (&one == violations_.data() ? "" : ", ") + quoted(one);
  return out + "]}\n";
}

} // namespace hetzel::test::load
