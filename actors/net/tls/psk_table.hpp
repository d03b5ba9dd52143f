#pragma once

#include "protocol/expected.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace hetzel::net {

/// Keys of clients that have no certificate, by identity. Immutable; all of it
/// is secret but the identities.
class psk_table {
public:
  static constexpr std::size_t identity_size_max = 128;
  static constexpr std::size_t key_size_max = 256;
  static constexpr std::size_t file_size_max_bytes = 64U << 20U;

  psk_table() = default;

  /// A line per identity, `identity<separator>key`, of which the key is used
  /// as the bytes that stand there. Empty lines and those that begin with '#'
  /// say nothing. The error is "line 7: …", and cites nothing of the line.
  [[nodiscard]] static mqtt::expected<psk_table, std::string>
  parse(std::string_view text, char separator);

  /// The error names the file, and the line.
  [[nodiscard]] static mqtt::expected<psk_table, std::string>
  read(const std::string& path, char separator);

  /// Empty: nobody of that name.
  [[nodiscard]] std::string_view
  key_of(std::string_view identity) const noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return keys_.size(); }

private:
  std::map<std::string, std::string, std::less<>> keys_;
};

} // namespace hetzel::net
