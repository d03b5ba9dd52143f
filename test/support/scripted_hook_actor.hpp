#pragma once

#include "plugins/api/hook_actor.hpp"

#include <caf/fwd.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hetzel::test {

/// What a provider that is an actor does, and what it was asked; shared with
/// the test's thread.
struct hook_actor_script {
  /// Null: no answer, ever. It may throw.
  std::function<plugins::hook_answer_ptr(const plugins::hook_call&)> answer;

  void note(std::string event) {
    const std::lock_guard guard{mutex};
    events.push_back(std::move(event));
  }
  [[nodiscard]] std::vector<std::string> heard() {
    const std::lock_guard guard{mutex};
    return events;
  }

  std::mutex mutex;
  std::vector<std::string> events;
};

/// Notes each question as "auth_on_publish", each notice as "told
/// on_client_gone", and answers as the script says. Ends with the reason
/// `user_shutdown` sent to it.
plugins::hook_actor
spawn_scripted_hook_actor(caf::actor_system& system,
                          std::shared_ptr<hook_actor_script> script);

/// An actor that only describes itself: a plugin that publishes a snapshot and
/// has nothing else to do.
runtime::introspectable spawn_idle_actor(caf::actor_system& system);

} // namespace hetzel::test
