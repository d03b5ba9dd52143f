#include "actors/messaging/hooks/hook_caller.hpp"

#include "actors/messaging/site.hpp"
#include "actors/runtime/lean_actor.hpp"

#include <caf/sec.hpp>

#include <string>
#include <utility>

namespace hetzel::messaging {

namespace {

class hook_caller_body final : public runtime::lean_actor,
                               public hook_caller_port {
public:
  hook_caller_body(caf::actor_config& config, site* local)
    : lean_actor(config), local_(local) {}

  const char* name() const override { return "messaging.hook_caller"; }

  void send(std::uint64_t number, const plugins::actor_offer& whom,
            plugins::hook_call_ptr call) override {
    ask<plugins::hook_answer_ptr>(
      whom.actor, whom.timeout, caf::make_message(std::move(call)),
      [this, number](const plugins::hook_answer_ptr& answer) {
        local_->hooks.calls.settle(
          number, answer ? call_end::answered : call_end::failed,
          answer.get());
      },
      [this, number](const caf::error& why) {
        local_->hooks.calls.settle(number,
                                   why == caf::sec::request_timeout
                                     ? call_end::timed_out
                                     : call_end::failed,
                                   nullptr);
      });
  }

protected:
  void on_start() override { local_->hooks.calls.bind(*this); }

  runtime::state_entries state() override {
    return {{"waiting", std::to_string(local_->hooks.calls.size())}};
  }

  void on_end() noexcept override { local_->hooks.calls.unbind(); }

private:
  site* local_;
};

} // namespace

hook_caller spawn_hook_caller(runtime::reactor& home, site& local) {
  return runtime::spawn_lean<hook_caller, hook_caller_body>(home, &local);
}

} // namespace hetzel::messaging
