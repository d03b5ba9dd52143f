#pragma once

#include "plugins/api/evaluator.hpp"
#include "plugins/files/file_plugin.hpp"
#include "plugins/guards/config.hpp"
#include "plugins/scram/scram_exchange.hpp"

#include <memory>
#include <string>

namespace hetzel::plugins {

[[nodiscard]] hook_set scram_hooks() noexcept;

/// SCRAM as a provider that is called in place: `on_auth` runs the exchange,
/// `auth_on_register` admits who has passed it.
[[nodiscard]] evaluator_ptr make_scram_evaluator(scram_users_ptr users,
                                                 guard_counters& counters);

/// The file of users. `stand_in_secret` as in `scram_users`.
[[nodiscard]] std::unique_ptr<file_backed>
make_scram_file(const scram_config& config, std::string stand_in_secret,
                guard_counters& counters);

} // namespace hetzel::plugins
