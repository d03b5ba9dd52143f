#pragma once

#include "protocol/basic_types.hpp"
#include "protocol/expected.hpp"

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

/// hetzel-passwd: edits password files. Its flags and its manners are those of
/// VerneMQ's vmq-passwd; `--hash` is new.

namespace hetzel::plugins {

/// What is written behind `<user>:`.
enum class passwd_entry : unsigned char {
  scrypt,
  pbkdf2,
  sha512,
  scram_sha_256,
  scram_sha_512,
};

struct passwd_command {
  enum class action : unsigned char {
    update,    ///< adds a user or changes its password
    create,    ///< the same in a new file
    overwrite, ///< the same in a new file that replaces one
    remove,
    convert, ///< hashes the passwords of a file
    help,
  };

  action what = action::update;
  passwd_entry entry = passwd_entry::scrypt;
  std::filesystem::path file;
  std::string user;
};

/// `arguments` without the program's name. The error is a sentence.
[[nodiscard]] mqtt::expected<passwd_command, std::string>
parse_passwd_arguments(std::span<const std::string_view> arguments);

[[nodiscard]] mqtt::bytes_view passwd_usage() noexcept;

/// Reads a line without showing what is typed; the error says why there is
/// none.
using password_reader
  = std::function<mqtt::expected<std::string, std::string>(
    mqtt::bytes_view prompt)>;

/// Does it; `file:line: what` or another sentence when it cannot, and then the
/// file is as it was. The value is a warning for the user, or nothing.
[[nodiscard]] mqtt::expected<std::string, std::string>
run_passwd(const passwd_command& command, const password_reader& ask);

} // namespace hetzel::plugins
