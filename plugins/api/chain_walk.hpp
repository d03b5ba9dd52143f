#pragma once

#include "plugins/api/hook_traits.hpp"
#include "plugins/api/provider.hpp"

#include <cstddef>
#include <exception>
#include <span>
#include <string>
#include <utility>

/// The rules of a chain, without actors: who is asked next, and when the chain
/// is at its end (VerneMQ's `all_till_ok` and `all`).

namespace hetzel::plugins {

/// Where a walk along a chain stands.
template <class Verdict>
struct walk_step {
  /// What was said last; `next` at the end: everybody said so.
  Verdict said;
  /// Who said it or waits to be asked; null: the chain is exhausted.
  const provider* at = nullptr;
  /// Of `at` in the chain.
  std::size_t position = 0;
  /// `at` must be asked by message; go on behind it if it says `next`.
  bool must_wait = false;
  /// What it threw; empty: nothing.
  std::string failure;
};

/// Calls what can be called in place, from position `from` on, until somebody
/// says `ok` or `error`, must be asked by message, or the chain ends. An
/// exception is an error.
template <hook Which>
[[nodiscard]] walk_step<verdict_of<Which>>
walk(std::span<const provider* const> along, std::size_t from,
     const request_of<Which>& request) {
  walk_step<verdict_of<Which>> step;
  for (step.position = from; step.position < along.size(); ++step.position) {
    step.at = along[step.position];
    if (!step.at->is_in_place()) {
      step.must_wait = true;
      return step;
    }
    try {
      step.said = (*step.at->in_place.*question_of<Which>::ask)(request);
    } catch (const std::exception& failure) {
      step.failure = failure.what();
      step.said = verdict_of<Which>::error();
    }
    if (step.said.result != outcome::next)
      return step;
  }
  step.at = nullptr;
  return step;
}

/// Tells all that can be told in place, and gives the others to
/// `send(const provider&)`. `on_failure(const provider&, const char*)` hears of
/// exceptions; nobody else does.
template <hook Which, class Send, class OnFailure>
void tell(std::span<const provider* const> along,
          const event_of<Which>& event, Send&& send, OnFailure&& on_failure) {
  for (const auto* one : along) {
    if (!one->is_in_place()) {
      send(*one);
      continue;
    }
    try {
      (*one->in_place.*notice_of<Which>::tell)(event);
    } catch (const std::exception& failure) {
      on_failure(*one, failure.what());
    }
  }
}

} // namespace hetzel::plugins
