#include "actors/net/tls/psk_table.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace hetzel::net {

namespace {

mqtt::unexpected<std::string> fault(std::size_t line, const char* what) {
  return mqtt::unexpected("line " + std::to_string(line) + ": " + what);
}

std::string_view take_line(std::string_view& text) noexcept {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  return line;
}

/// Null: there is nothing wrong with it.
const char* fault_of(std::string_view identity, std::string_view key) {
  if (identity.empty() || identity.size() > psk_table::identity_size_max)
    return "an identity has 1 to 128 characters";
  if (key.empty() || key.size() > psk_table::key_size_max)
    return "a key has 1 to 256 characters";
  return nullptr;
}

} // namespace

mqtt::expected<psk_table, std::string>
psk_table::parse(std::string_view text, char separator) {
  psk_table table;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto line = take_line(text);
    if (line.empty() || line.front() == '#')
      continue;
    const auto end = line.find(separator);
    if (end == std::string_view::npos)
      return fault(number, "there is no separator");
    const auto identity = line.substr(0, end);
    const auto key = line.substr(end + 1);
    if (const auto* const what = fault_of(identity, key))
      return fault(number, what);
    if (!table.keys_.emplace(identity, key).second)
      return fault(number, "the identity has a key already");
  }
  return table;
}

mqtt::expected<psk_table, std::string>
psk_table::read(const std::string& path, char separator) {
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return mqtt::unexpected(path + ": " + std::strerror(errno));
  std::string text;
  std::array<char, 64 * 1024> part;
  do {
    in.read(part.data(), part.size());
    text.append(part.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > file_size_max_bytes)
      return mqtt::unexpected(path + ": is larger than 64 MB");
  } while (in);
  // A folder opens well and fails at the first read.
  if (in.bad())
    return mqtt::unexpected(path + ": " + std::strerror(errno));
  auto table = parse(text, separator);
  if (!table)
    return mqtt::unexpected(path + ": " + table.error());
  return table;
}

std::string_view psk_table::key_of(std::string_view identity) const noexcept {
  const auto found = keys_.find(identity);
  return found == keys_.end() ? std::string_view{} : found->second;
}

} // namespace hetzel::net
