#pragma once

#include "plugins/api/hook_table.hpp"
#include "test/support/messaging_node.hpp"
#include "test/support/scripted_evaluator.hpp"
#include "test/support/scripted_hook_actor.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace hetzel::test {

/// A messaging node whose chains the test makes.
struct hooked_node : messaging_node {
  using messaging_node::messaging_node;
  ~hooked_node();

  /// These providers, in that order, and no others, on every reactor when this
  /// returns.
  void use(std::vector<plugins::provider_ptr> providers,
           plugins::hook_set guarded = {});

  /// One provider in place, which says of these hooks what the script says.
  void use(plugins::hook_set named,
           const std::shared_ptr<scripted_evaluator>& script);

  /// One provider that is an actor; ended with the node.
  plugins::provider_ptr actor(std::string name, plugins::hook_set named,
                              std::shared_ptr<hook_actor_script> script,
                              std::chrono::milliseconds timeout
                              = std::chrono::seconds{10});

  /// Summed over the reactors.
  [[nodiscard]] std::uint64_t
  count(plugins::hook which,
        net::counter messaging::hook_counters::of_hook::*what);

  [[nodiscard]] std::uint64_t count(messaging::metric which);

  std::vector<plugins::hook_actor> actors;

private:
  std::uint64_t version_ = 0;
};

/// Events that reactors note and a test reads.
struct notes {
  void add(std::string event) {
    const std::lock_guard guard{mutex};
    events.push_back(std::move(event));
  }
  [[nodiscard]] std::vector<std::string> all() {
    const std::lock_guard guard{mutex};
    return events;
  }
  [[nodiscard]] bool has(const std::string& event) {
    for (const auto& one : all())
      if (one == event)
        return true;
    return false;
  }

  std::mutex mutex;
  std::vector<std::string> events;
};

} // namespace hetzel::test
