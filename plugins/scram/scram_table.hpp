#pragma once

#include "plugins/files/text_lines.hpp"
#include "plugins/scram/scram_entry.hpp"
#include "protocol/expected.hpp"

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace hetzel::plugins {

/// The users that can prove themselves with SCRAM. One line per user and
/// mechanism, `<user>:<scram_entry>`; empty lines and lines that begin with '#'
/// say nothing, and so do hashes of a password file, which may be the same
/// file. Of two lines for one user and mechanism the last holds. Immutable.
class scram_table {
public:
  [[nodiscard]] static mqtt::expected<scram_table, text_fault>
  parse(mqtt::bytes_view text);

  /// Null when there is no such user for that mechanism.
  [[nodiscard]] const scram_credentials*
  find(scram_mechanism mechanism, mqtt::bytes_view user) const;

  /// What an unknown user is shown so that nobody learns whether it is one: for
  /// the same user and `secret` always the same, in the form of the others.
  /// Nobody's password belongs to it.
  [[nodiscard]] scram_credentials stand_in(scram_mechanism mechanism,
                                           mqtt::bytes_view user,
                                           mqtt::bytes_view secret) const;

  [[nodiscard]] std::size_t size(scram_mechanism mechanism) const noexcept {
    return users_of(mechanism).size();
  }

private:
  using users = std::map<std::string, scram_credentials, std::less<>>;

  /// What a client sees of an entry before it has proved anything.
  struct appearance {
    std::uint32_t iterations = scram_new_iterations;
    std::size_t salt_size = 16;

    bool operator==(const appearance&) const = default;
  };

  [[nodiscard]] const users&
  users_of(scram_mechanism mechanism) const noexcept {
    return users_[static_cast<std::size_t>(mechanism)];
  }
  void find_appearances();

  std::array<users, 2> users_;
  std::array<appearance, 2> common_;
};

} // namespace hetzel::plugins
