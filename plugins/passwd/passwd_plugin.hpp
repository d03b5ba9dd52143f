#pragma once

#include "plugins/api/evaluator.hpp"
#include "plugins/files/file_plugin.hpp"
#include "plugins/guards/config.hpp"
#include "plugins/passwd/password_table.hpp"

#include <memory>

namespace hetzel::plugins {

inline constexpr hook_set passwd_hooks{hook::auth_on_register};

/// A table without slow hashes as a provider that is called in place.
[[nodiscard]] evaluator_ptr
make_passwd_evaluator(std::shared_ptr<const password_table> table,
                      guard_counters& counters);

/// The password file. As long as one of its hashes is slow an actor answers,
/// else every reactor does so itself.
[[nodiscard]] std::unique_ptr<file_backed>
make_passwd_file(passwd_config config, guard_counters& counters);

} // namespace hetzel::plugins
