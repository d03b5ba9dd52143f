#include "plugins/passwd/passwd_tool.hpp"

#include "plugins/crypto/digest.hpp"
#include "plugins/files/text_file.hpp"
#include "plugins/passwd/password_file.hpp"
#include "plugins/scram/scram_entry.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace hetzel::plugins {

namespace {

using mqtt::bytes_view;
using action = passwd_command::action;
using outcome = mqtt::expected<std::string, std::string>;

constexpr std::size_t scram_salt_size = 16;

constexpr bytes_view usage
  = "hetzel-passwd [-c | -cf | -D] [--hash NAME] FILE USER\n"
    "hetzel-passwd -U [--hash NAME] FILE\n"
    "\n"
    "  (none)  add the user or change its password\n"
    "  -c      the same in a new file, which must not exist\n"
    "  -cf     the same in a new file, in the place of one that exists\n"
    "  -D      delete the user\n"
    "  -U      hash the passwords of a file with lines user:password\n"
    "  --hash  scrypt (default), pbkdf2 (mosquitto's $7$), sha512 (VerneMQ's\n"
    "          $6$, weak), scram-sha-256 or scram-sha-512 (for plugins.scram)\n"
    "\n"
    "The password is asked for twice on a terminal; otherwise two lines are\n"
    "read from standard input.\n";

struct entry_name {
  bytes_view name;
  passwd_entry entry;
};

constexpr std::array entry_names{
  entry_name{"scrypt", passwd_entry::scrypt},
  entry_name{"pbkdf2", passwd_entry::pbkdf2},
  entry_name{"sha512", passwd_entry::sha512},
  entry_name{"scram-sha-256", passwd_entry::scram_sha_256},
  entry_name{"scram-sha-512", passwd_entry::scram_sha_512},
};

std::optional<action> find_action(bytes_view flag) noexcept {
  if (flag == "-c")
    return action::create;
  if (flag == "-cf")
    return action::overwrite;
  if (flag == "-D")
    return action::remove;
  if (flag == "-U")
    return action::convert;
  if (flag == "-h" || flag == "--help")
    return action::help;
  return std::nullopt;
}

mqtt::unexpected<std::string> failure(std::string what) {
  return mqtt::unexpected(std::move(what));
}

bool is_scram(passwd_entry entry) noexcept {
  return entry >= passwd_entry::scram_sha_256;
}

password_scheme scheme_of(passwd_entry entry) noexcept {
  switch (entry) {
    case passwd_entry::pbkdf2:
      return password_scheme::pbkdf2;
    case passwd_entry::sha512:
      return password_scheme::sha512;
    case passwd_entry::scrypt:
    case passwd_entry::scram_sha_256:
    case passwd_entry::scram_sha_512:
      break;
  }
  return password_scheme::scrypt;
}

std::string make_entry(passwd_entry entry, bytes_view password) {
  if (!is_scram(entry))
    return format_password_hash(hash_password(scheme_of(entry), password));
  const auto salt = random_bytes(scram_salt_size);
  return format_scram_entry(derive_scram(entry == passwd_entry::scram_sha_256
                                           ? scram_mechanism::sha256
                                           : scram_mechanism::sha512,
                                         password,
                                         {salt, scram_new_iterations}));
}

/// Asked for twice, and the same both times.
outcome read_password(const password_reader& ask) {
  auto first = ask("Password: ");
  if (!first)
    return first;
  if (first->empty())
    return failure("the password is empty");
  auto second = ask("Reenter password: ");
  if (!second)
    return second;
  const auto is_same = *first == *second;
  wipe(*second);
  if (is_same)
    return first;
  wipe(*first);
  return failure("the passwords differ");
}

/// What an action that adds a user begins with.
outcome text_to_edit(const passwd_command& command) {
  if (command.what == action::update)
    return read_text_file(command.file);
  std::error_code ignored;
  if (command.what == action::create
      && std::filesystem::exists(command.file, ignored))
    return failure(command.file.string() + ": is there already; -cf replaces "
                                           "it");
  return std::string{};
}

outcome write(const passwd_command& command, bytes_view text) {
  if (auto written = replace_text_file(command.file, text); !written)
    return failure(std::move(written.error()));
  return std::string{};
}

outcome put_user(const passwd_command& command, const password_reader& ask) {
  // Before the password is asked for in vain.
  auto text = text_to_edit(command);
  if (!text)
    return text;
  auto password = read_password(ask);
  if (!password)
    return password;
  const auto entry = make_entry(command.entry, *password);
  wipe(*password);
  return write(command, with_user(*text, command.user, entry));
}

outcome remove_user(const passwd_command& command) {
  const auto text = read_text_file(command.file);
  if (!text)
    return text;
  const auto edited = without_user(*text, command.user);
  if (!edited)
    return "warning: there is no user " + command.user;
  return write(command, *edited);
}

outcome convert(const passwd_command& command) {
  const auto text = read_text_file(command.file);
  if (!text)
    return text;
  const auto edited = with_hashed_passwords(*text, scheme_of(command.entry));
  if (!edited)
    return failure(command.file.string() + ":"
                   + std::to_string(edited.error().line) + ": "
                   + edited.error().what);
  return write(command, *edited);
}

/// Checks what parse_passwd_arguments has collected.
mqtt::expected<passwd_command, std::string>
complete(passwd_command command, std::span<const std::string_view> words) {
  if (command.what == action::help)
    return command;
  const auto wanted = command.what == action::convert ? 1U : 2U;
  if (words.size() != wanted)
    return failure(wanted == 1 ? "-U wants a file"
                               : "a file and a user are wanted");
  if (command.what == action::convert && is_scram(command.entry))
    return failure("-U makes no entries for SCRAM");
  command.file = words[0];
  if (wanted == 1)
    return command;
  command.user = words[1];
  if (const auto* fault = fault_of_user(command.user); fault != nullptr)
    return failure(fault);
  return command;
}

} // namespace

mqtt::expected<passwd_command, std::string>
parse_passwd_arguments(std::span<const std::string_view> arguments) {
  passwd_command command;
  std::vector<std::string_view> words;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto word = arguments[i];
    if (word == "--hash") {
      const auto name = ++i < arguments.size() ? arguments[i] : bytes_view{};
      const auto* found = std::ranges::find(entry_names, name,
                                            &entry_name::name);
      if (found == entry_names.end())
        return failure("--hash wants scrypt, pbkdf2, sha512, scram-sha-256 or "
                       "scram-sha-512");
      command.entry = found->entry;
    } else if (const auto what = find_action(word)) {
      if (command.what != action::update)
        return failure("-c, -cf, -D and -U exclude each other");
      command.what = *what;
    } else if (word.starts_with('-') && word.size() > 1) {
      return failure("there is no option " + std::string{word});
    } else {
      words.push_back(word);
    }
  }
  return complete(std::move(command), words);
}

bytes_view passwd_usage() noexcept {
  return usage;
}

outcome run_passwd(const passwd_command& command, const password_reader& ask) {
  switch (command.what) {
    case action::update:
    case action::create:
    case action::overwrite:
      return put_user(command, ask);
    case action::remove:
      return remove_user(command);
    case action::convert:
      return convert(command);
    case action::help:
      break;
  }
  return std::string{};
}

} // namespace hetzel::plugins
