#pragma once

#include "actors/messaging/hooks/reactor_hooks.hpp"
#include "actors/runtime/log.hpp"
#include "plugins/api/chain_walk.hpp"
#include "plugins/api/modifier_rules.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

/// One question on its way along a chain: called in place as far as possible,
/// the rest by messages.

namespace hetzel::messaging {

/// The answer comes only as long as somebody keeps the other end.
using decision_ticket = std::weak_ptr<const void>;

/// What verdicts are checked against.
struct decision_rules {
  mqtt::topic_limits topics;
  /// Of `on_auth`: the client's method.
  mqtt::bytes_view method{};
};

[[nodiscard]] plugins::modifier_fault
fault_of(const plugins::register_modifiers& changes, const decision_rules&);
[[nodiscard]] plugins::modifier_fault
fault_of(const plugins::auth_modifiers& changes, const decision_rules& rules);
template <class Modifiers>
[[nodiscard]] plugins::modifier_fault
fault_of(const Modifiers& changes, const decision_rules& rules) {
  return plugins::check(changes, rules.topics);
}

/// A provider did something wrong; a person should look.
void report(plugins::hook which, const plugins::provider& whose,
            std::string_view what);

/// Makes an error of an answer whose modifiers are not valid.
template <plugins::hook Which>
void settle_verdict(reactor_hooks& hooks, const plugins::provider& whose,
                    const decision_rules& rules,
                    plugins::verdict_of<Which>& said) {
  if (said.result == plugins::outcome::ok && said.modifiers) {
    const auto fault = fault_of(*said.modifiers, rules);
    if (!fault.empty()) {
      report(Which, whose, fault);
      hooks.counters.of(Which).errors.add();
      said = plugins::verdict_of<Which>::error();
    }
  }
  if (said.result == plugins::outcome::error)
    hooks.counters.of(Which).refusals.add();
}

template <plugins::hook Which>
class waiting_decision;

/// Asks. The verdict when nobody needs time for it, `next` if all said so;
/// nullopt: `done(verdict, request)` is called later on this thread, with a
/// copy of `request`, if `ticket` lives then. `chain` need not outlive the
/// call.
template <plugins::hook Which, class Done>
[[nodiscard]] std::optional<plugins::verdict_of<Which>>
decide(reactor_hooks& hooks, const plugins::chain& chain,
       const plugins::request_of<Which>& request, const decision_rules& rules,
       decision_ticket ticket, Done done) {
  auto& counters = hooks.counters.of(Which);
  counters.calls.add();
  auto step = plugins::walk<Which>(chain, 0, request);
  if (!step.failure.empty()) {
    counters.errors.add();
    report(Which, *step.at, step.failure);
  }
  if (step.must_wait && hooks.calls.is_bound()) {
    auto waiting = std::make_shared<waiting_decision<Which>>(
      hooks, chain, request, rules, std::move(ticket), std::move(done));
    waiting->wait(step.position, waiting);
    return std::nullopt;
  }
  if (step.must_wait) {
    counters.errors.add();
    step.said = plugins::verdict_of<Which>::error();
  }
  if (step.at)
    settle_verdict<Which>(hooks, *step.at, rules, step.said);
  else
    counters.refusals.add(plugins::family_of(Which)
                              == plugins::hook_family::change
                            ? 0
                            : 1);
  return std::move(step.said);
}

/// The rest of a question, from the first provider that is an actor on. Owned
/// by what is waiting for that actor.
template <plugins::hook Which>
class waiting_decision {
public:
  using verdict = plugins::verdict_of<Which>;
  using request = plugins::request_of<Which>;
  using on_done = std::function<void(verdict, const request&)>;
  using pointer = std::shared_ptr<waiting_decision>;

  waiting_decision(reactor_hooks& hooks, plugins::chain along,
                   const request& asked, const decision_rules& rules,
                   decision_ticket ticket, on_done done)
    : hooks_(hooks),
      table_(hooks.table()),
      along_(std::move(along)),
      call_(std::make_shared<const plugins::hook_call>(Which, asked)),
      topics_(rules.topics),
      method_(rules.method),
      ticket_(std::move(ticket)),
      done_(std::move(done)) {}

  /// Asks the actor at `position`. `self` is the owner of this.
  void wait(std::size_t position, const pointer& self) {
    const auto& whom = *along_[position];
    // Not the reactor's time, which stands still within a tick.
    asked_at_ = std::chrono::steady_clock::now();
    hooks_.calls.ask(whom, call_,
                     [self, position](call_end how,
                                      const plugins::hook_answer* answer) {
                       self->on_answer(position, how, answer, self);
                     });
  }

private:
  [[nodiscard]] const request& asked() const {
    return call_->template get<request>();
  }

  [[nodiscard]] decision_rules rules() const { return {topics_, method_}; }

  void on_answer(std::size_t position, call_end how,
                 const plugins::hook_answer* answer, const pointer& self) {
    if (ticket_.expired())
      return;
    const auto& whom = *along_[position];
    auto said = read(whom, how, answer);
    if (said.result != plugins::outcome::next)
      return finish(whom, std::move(said));
    auto step = plugins::walk<Which>(along_, position + 1, asked());
    if (!step.failure.empty()) {
      hooks_.counters.of(Which).errors.add();
      report(Which, *step.at, step.failure);
    }
    if (step.must_wait && hooks_.calls.is_bound())
      return wait(step.position, self);
    if (step.must_wait)
      step.said = verdict::error();
    if (step.at)
      return finish(*step.at, std::move(step.said));
    hooks_.counters.of(Which).refusals.add(
      plugins::family_of(Which) == plugins::hook_family::change ? 0 : 1);
    done_(std::move(step.said), asked());
  }

  verdict read(const plugins::provider& whom, call_end how,
               const plugins::hook_answer* answer) {
    auto& counters = hooks_.counters.of(Which);
    const auto elapsed = std::chrono::steady_clock::now() - asked_at_;
    counters.elapsed_us.add(static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count()));
    if (how == call_end::timed_out) {
      counters.timeouts.add();
      verdict said;
      said.result = whom.elsewhere->on_timeout;
      return said;
    }
    if (answer)
      if (const auto* said = std::get_if<verdict>(&answer->said))
        return *said;
    counters.errors.add();
    report(Which, whom,
           answer ? "an answer to another hook" : "it did not answer");
    return verdict::error();
  }

  void finish(const plugins::provider& whose, verdict said) {
    settle_verdict<Which>(hooks_, whose, rules(), said);
    done_(std::move(said), asked());
  }

  reactor_hooks& hooks_;
  plugins::hook_table_ptr table_; // keeps the providers
  plugins::chain along_;
  plugins::hook_call_ptr call_;
  mqtt::topic_limits topics_;
  std::string method_;
  decision_ticket ticket_;
  on_done done_;
  std::chrono::steady_clock::time_point asked_at_;
};

/// Hands a notice to an actor.
void post(const plugins::provider& whom, plugins::hook_notice_ptr notice);

/// False: it has too many already.
template <class Event>
[[nodiscard]] bool send_notice(const plugins::provider& whom,
                               plugins::hook which, const Event& event) {
  const auto under_way
    = whom.notices_under_way->load(std::memory_order_relaxed);
  if (under_way >= whom.elsewhere->notices_max)
    return false;
  post(whom, std::make_shared<const plugins::hook_notice>(
               which, event, whom.notices_under_way));
  return true;
}

/// Tells everybody; nobody waits. Notices to an actor that is behind are
/// dropped.
template <plugins::hook Which>
void notify(reactor_hooks& hooks, plugins::hook_form form,
            const plugins::event_of<Which>& event) {
  auto& counters = hooks.counters.of(Which);
  counters.calls.add();
  plugins::tell<Which>(
    hooks.table()->chain_of(Which, form), event,
    [&](const plugins::provider& whom) {
      if (!send_notice(whom, Which, event))
        counters.dropped.add();
    },
    [&](const plugins::provider& whose, const char* what) {
      counters.errors.add();
      report(Which, whose, what);
    });
}

} // namespace hetzel::messaging
