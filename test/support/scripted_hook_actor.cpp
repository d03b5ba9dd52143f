#include "test/support/scripted_hook_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <utility>

namespace hetzel::test {

namespace {

class hook_actor_state {
public:
  static inline const char* name = "test.hook_actor";

  using pointer = runtime::introspected<plugins::hook_actor::impl>*;

  hook_actor_state(pointer self, std::shared_ptr<hook_actor_script> script)
    : self_(self), script_(std::move(script)) {}

  plugins::hook_actor::behavior_type make_behavior() {
    return {
      runtime::describing(self_),
      [this](const plugins::hook_call_ptr& call) { return on_call(*call); },
      [this](const plugins::hook_notice_ptr& notice) {
        script_->note("told " + std::string{plugins::name_of(
                        notice->which, plugins::hook_form::v3)});
      },
    };
  }

private:
  using result = caf::result<plugins::hook_answer_ptr>;

  result on_call(const plugins::hook_call& call) {
    script_->note(std::string{
      plugins::name_of(call.which, plugins::hook_form::v5)});
    auto promise = self_->make_response_promise<plugins::hook_answer_ptr>();
    if (auto answer = script_->answer ? script_->answer(call) : nullptr)
      promise.deliver(std::move(answer));
    else
      unanswered_.push_back(promise);
    return promise;
  }

  pointer self_;
  std::shared_ptr<hook_actor_script> script_;
  std::vector<caf::typed_response_promise<plugins::hook_answer_ptr>>
    unanswered_;
};

class idle_state {
public:
  static inline const char* name = "test.idle";

  explicit idle_state(
    runtime::introspected<runtime::introspectable::impl>* self)
    : self_(self) {}

  runtime::introspectable::behavior_type make_behavior() {
    return {runtime::describing(self_)};
  }

private:
  runtime::introspected<runtime::introspectable::impl>* self_;
};

} // namespace

plugins::hook_actor
spawn_scripted_hook_actor(caf::actor_system& system,
                          std::shared_ptr<hook_actor_script> script) {
  return system.spawn<
    caf::stateful_actor<hook_actor_state,
                        runtime::introspected<plugins::hook_actor::impl>>>(
    std::move(script));
}

runtime::introspectable spawn_idle_actor(caf::actor_system& system) {
  return system.spawn<caf::stateful_actor<
    idle_state, runtime::introspected<runtime::introspectable::impl>>>();
}

} // namespace hetzel::test
