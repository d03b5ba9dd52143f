#pragma once

#include "plugins/api/evaluator.hpp"
#include "plugins/api/hook_actor.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hetzel::plugins {

/// How an actor takes part in chains.
struct actor_offer {
  hook_actor actor;
  hook_set hooks;
  /// For each answer; finite, at least a millisecond.
  std::chrono::milliseconds timeout{5'000};
  /// What a call that got no answer in time counts as.
  outcome on_timeout = outcome::error;
  /// Notices on their way to it; further ones are dropped and counted.
  std::size_t notices_max = 10'000;
};

/// One plugin's place in the chains: either is called in place or asked by
/// message. Immutable.
struct provider {
  /// Of the plugin.
  std::string name;
  /// Lower ones are asked first, and before those without.
  std::optional<int> priority;
  hook_set hooks;
  /// Null: it is an actor.
  evaluator_ptr in_place;
  std::optional<actor_offer> elsewhere;
  hook_notice::counter_ptr notices_under_way
    = std::make_shared<std::atomic<std::size_t>>(0);

  [[nodiscard]] bool is_in_place() const noexcept {
    return in_place != nullptr;
  }
};

using provider_ptr = std::shared_ptr<const provider>;

[[nodiscard]] provider_ptr make_provider(std::string name,
                                         std::optional<int> priority,
                                         evaluator_ptr in_place);
[[nodiscard]] provider_ptr make_provider(std::string name,
                                         std::optional<int> priority,
                                         actor_offer offer);

/// Who stands in for a plugin that should decide and cannot: everything that it
/// might decide is refused.
[[nodiscard]] provider_ptr make_refusal(std::string name,
                                        std::optional<int> priority,
                                        hook_set hooks);

/// In the order of asking. The pointers live as long as the table that the
/// chain is from.
using chain = std::vector<const provider*>;

} // namespace hetzel::plugins
