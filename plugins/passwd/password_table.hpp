#pragma once

#include "plugins/files/text_lines.hpp"
#include "plugins/passwd/password_hash.hpp"
#include "protocol/expected.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hetzel::plugins {

/// The users of a password file. One line per user, `<user>:<hash>`; empty
/// lines and lines that begin with '#' say nothing, and entries for SCRAM
/// (plugins/scram) are somebody else's. Users are compared byte by byte; of two
/// lines for one user the last holds, as in VerneMQ. Immutable.
class password_table {
public:
  /// The first line that is none makes the whole text useless.
  [[nodiscard]] static mqtt::expected<password_table, text_fault>
  parse(mqtt::bytes_view text);

  /// Null when there is no such user.
  [[nodiscard]] const password_hash* find(mqtt::bytes_view user) const;

  [[nodiscard]] std::size_t size() const noexcept { return users_.size(); }

  /// Whether `judge_password` may ever answer `slow`.
  [[nodiscard]] bool has_slow() const noexcept { return has_slow_; }

private:
  struct name_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const noexcept {
      return std::hash<std::string_view>{}(name);
    }
  };

  std::unordered_map<std::string, password_hash, name_hash, std::equal_to<>>
    users_;
  bool has_slow_ = false;
};

/// What the password file says of a CONNECT.
enum class password_verdict : unsigned char {
  next,  ///< nothing: user or password is missing, or the user not in it
  right, ///< this is the user's password
  wrong, ///< this is not
  slow,  ///< `verify_password` must tell, on a thread that may take its time
};

struct password_finding {
  password_verdict verdict{};
  /// Of the user, when slow; belongs to the table.
  const password_hash* hash = nullptr;
};

/// Cheap hashes are verified at once.
[[nodiscard]] password_finding
judge_password(const password_table& table,
               std::optional<mqtt::bytes_view> user,
               std::optional<mqtt::bytes_view> password);

} // namespace hetzel::plugins
