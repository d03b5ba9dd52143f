#include "actors/messaging/hooks/hook_auth.hpp"

#include "actors/messaging/hooks/decision.hpp"
#include "actors/messaging/site.hpp"

#include <atomic>
#include <exception>
#include <string>
#include <utility>

namespace hetzel::messaging {

namespace {

using mqtt::auth_step;
using mqtt::reason_code;
using plugins::hook;
using plugins::outcome;

std::uint64_t next_exchange() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1) + 1;
}

class hook_exchange final : public mqtt::auth_exchange {
public:
  hook_exchange(const auth_party& party, plugins::chain along,
                on_auth_step later, on_proved proved)
    : hooks_(party.local.hooks),
      table_(hooks_.table()),
      along_(std::move(along)),
      later_(std::move(later)),
      proved_(std::move(proved)),
      who_(request_of(party)) {}

  auth_step on_data(mqtt::bytes_view data) override {
    auto asked = who_.get();
    asked.data = data;
    asked.is_first = is_first_;
    is_first_ = false;
    hooks_.counters.of(hook::on_auth).calls.add();
    return go_on(asked, 0);
  }

private:
  static plugins::owned_request<plugins::auth_request>
  request_of(const auth_party& party) {
    plugins::auth_request made;
    made.client = party.client;
    made.client.id.client_id = party.client_id;
    made.method = party.method;
    made.exchange = next_exchange();
    made.is_reauthentication = party.is_reauthentication;
    return plugins::owned_request{made};
  }

  /// Asks from that position on, or who has taken the exchange over.
  auth_step go_on(const plugins::auth_request& asked, std::size_t from) {
    for (auto i = from; i < along_.size(); ++i) {
      const auto& whom = *along_[i];
      if (chosen_ && chosen_ != &whom)
        continue;
      if (!whom.is_in_place())
        return wait(whom, asked, i);
      const auto said = call(whom, asked);
      if (said.result != outcome::next)
        return settle(whom, said);
    }
    hooks_.counters.of(hook::on_auth).refusals.add();
    return {chosen_ ? reason_code::not_authorized
                    : reason_code::bad_authentication_method,
            {}};
  }

  plugins::auth_verdict call(const plugins::provider& whom,
                             const plugins::auth_request& asked) {
    try {
      return whom.in_place->on_auth(asked, state_);
    } catch (const std::exception& failure) {
      hooks_.counters.of(hook::on_auth).errors.add();
      report(hook::on_auth, whom, failure.what());
      return plugins::auth_verdict::error();
    }
  }

  auth_step wait(const plugins::provider& whom,
                 const plugins::auth_request& asked, std::size_t position) {
    if (!hooks_.calls.is_bound())
      return {reason_code::not_authorized, {}};
    const auto question
      = std::make_shared<const plugins::hook_call>(hook::on_auth, asked);
    hooks_.calls.ask(
      whom, question,
      [this, alive = decision_ticket{alive_}, &whom, question,
       position](call_end how, const plugins::hook_answer* answer) {
        if (!alive.expired())
          on_answer(whom, question, position, how, answer);
      });
    return {{}, {}, true};
  }

  void on_answer(const plugins::provider& whom,
                 const plugins::hook_call_ptr& question, std::size_t position,
                 call_end how, const plugins::hook_answer* answer) {
    auto said = plugins::auth_verdict::error();
    auto& counters = hooks_.counters.of(hook::on_auth);
    if (how == call_end::timed_out) {
      counters.timeouts.add();
      said.result = whom.elsewhere->on_timeout;
    } else if (const auto* const given
               = answer ? std::get_if<plugins::auth_verdict>(&answer->said)
                        : nullptr) {
      said = *given;
    } else {
      counters.errors.add();
    }
    const auto step
      = said.result == outcome::next
          ? go_on(question->get<plugins::auth_request>(), position + 1)
          : settle(whom, said);
    // It may end this exchange.
    const auto later = later_;
    if (!step.is_pending)
      later(step);
  }

  auth_step settle(const plugins::provider& whom,
                   plugins::auth_verdict said) {
    chosen_ = &whom;
    settle_verdict<hook::on_auth>(hooks_, whom, {{}, who_->method}, said);
    if (said.result == outcome::error)
      return {mqtt::is_error(said.code) ? said.code
                                        : reason_code::not_authorized,
              {}};
    if (!said.modifiers)
      return {reason_code::success, {}};
    if (said.modifiers->code != reason_code::success)
      return {said.modifiers->code, said.modifiers->data};
    return on_success(said.modifiers);
  }

  auth_step
  on_success(const std::shared_ptr<const plugins::auth_modifiers>& proof) {
    const auto& now = proof->user_name;
    if (who_->is_reauthentication && now && now != who_->client.user_name)
      return {reason_code::not_authorized, {}};
    if (proved_)
      proved_(*proof);
    return {reason_code::success, proof->data, false, proof};
  }

  reactor_hooks& hooks_;
  plugins::hook_table_ptr table_; // keeps the providers
  plugins::chain along_;
  on_auth_step later_;
  on_proved proved_;
  plugins::owned_request<plugins::auth_request> who_;
  const plugins::provider* chosen_ = nullptr;
  plugins::auth_state_ptr state_;
  std::shared_ptr<const char> alive_ = std::make_shared<const char>();
  bool is_first_ = true;
};

} // namespace

std::unique_ptr<mqtt::auth_exchange>
start_hook_auth(const auth_party& party, on_auth_step later,
                on_proved proved) {
  auto& hooks = party.local.hooks;
  const auto form = party.client.form();
  if (!hooks.has(hook::on_auth, form))
    return nullptr;
  return std::make_unique<hook_exchange>(
    party,
    hooks.chain_of(hook::on_auth, form,
                   reactor_hooks::list_of(party.listener, hook::on_auth)),
    std::move(later), std::move(proved));
}

} // namespace hetzel::messaging
