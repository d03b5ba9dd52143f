#pragma once

#include "plugins/api/hook_actor.hpp"
#include "plugins/guards/config.hpp"
#include "plugins/guards/guard_counters.hpp"
#include "plugins/passwd/password_table.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <utility>

namespace hetzel::plugins {

/// The table in force, for who answers while it is replaced. From any thread.
class password_book {
public:
  using table_ptr = std::shared_ptr<const password_table>;

  [[nodiscard]] table_ptr current() const {
    const std::lock_guard lock{mutex_};
    return table_;
  }

  void replace(table_ptr fresh) {
    const std::lock_guard lock{mutex_};
    table_.swap(fresh);
  }

private:
  mutable std::mutex mutex_;
  table_ptr table_ = std::make_shared<const password_table>();
};

struct password_verifier_options {
  passwd_config config;
  /// How long who asks waits for an answer.
  std::chrono::milliseconds patience{5'000};
  /// Outlives the actor.
  guard_counters* counters = nullptr;
};

/// Answers `auth_on_register` where passwords are hashed slowly: cheap answers
/// at once, slow ones by a bounded pool of workers.
/// Messages:    hook_call (answers; too many that wait are refused with
///              `server_busy`), hook_notice (ignored).
/// Owns:        `hash_workers` detached workers; at most `hash_waiting_max`
///              passwords that wait, each for at most `patience`.
/// Supervision: of the plugin passwd, which spawns it.
/// On failure:  who waits is refused; the plugin offers another one.
hook_actor spawn_password_verifier(caf::actor_system& system,
                                   std::shared_ptr<const password_book> book,
                                   password_verifier_options options);

} // namespace hetzel::plugins
