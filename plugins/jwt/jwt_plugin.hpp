#pragma once

#include "plugins/api/evaluator.hpp"
#include "plugins/files/file_plugin.hpp"
#include "plugins/guards/config.hpp"
#include "plugins/jwt/jwt_check.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace hetzel::plugins {

/// The Authentication Method by which a client presents a token, and renews it.
inline constexpr mqtt::bytes_view jwt_method = "JWT";

[[nodiscard]] hook_set jwt_hooks() noexcept;

using wall_clock = std::function<std::chrono::system_clock::time_point()>;

/// Tokens as a provider that is called in place. `now` is called from any
/// thread.
[[nodiscard]] evaluator_ptr
make_jwt_evaluator(std::shared_ptr<const jwt_rules> rules, wall_clock now,
                   guard_counters& counters);

/// The files of keys. A file that is missing at the first load has no keys.
[[nodiscard]] std::unique_ptr<file_backed>
make_jwt_files(jwt_config config, guard_counters& counters);

} // namespace hetzel::plugins
