#include "actors/runtime/supervisor_answers.hpp"

#include "actors/runtime/supervision_errc.hpp"

#include <utility>

namespace hetzel::runtime {

void supervisor_answers::when_all_started(void_promise promise) {
  all_.push_back(std::move(promise));
}

void supervisor_answers::when_started(child_key child,
                                      handle_promise promise) {
  starts_.push_back({child, std::move(promise), {}});
}

void supervisor_answers::when_stopped(child_key child, void_promise promise) {
  stops_.push_back({child, std::move(promise)});
}

void supervisor_answers::explain(child_key child, const std::string& failure) {
  for (start& each : starts_)
    if (each.child == child)
      each.failure = failure;
}

void supervisor_answers::settle(
  const supervision_rules& rules,
  const std::function<caf::strong_actor_ptr(child_key)>& actor_of) {
  std::erase_if(starts_, [&](start& each) {
    return is_settled(each, rules, actor_of);
  });
  std::erase_if(stops_, [&](stop& each) {
    if (rules.state(each.child) != child_state::stopped
        || rules.is_wanted(each.child))
      return false;
    each.promise.deliver();
    return true;
  });
  if (rules.is_idle())
    for (auto& promise : std::exchange(all_, {}))
      promise.deliver();
}

bool supervisor_answers::is_settled(
  start& each, const supervision_rules& rules,
  const std::function<caf::strong_actor_ptr(child_key)>& actor_of) {
  if (rules.state(each.child) == child_state::running) {
    each.promise.deliver(actor_of(each.child));
    return true;
  }
  if (rules.is_wanted(each.child))
    return false;
  each.promise.deliver(
    caf::make_error(supervision_errc::start_failed, each.failure));
  return true;
}

void supervisor_answers::settle_all(const caf::error& reason) {
  for (auto& promise : std::exchange(all_, {}))
    promise.deliver(reason);
  for (auto& each : std::exchange(starts_, {}))
    each.promise.deliver(reason);
  // They are stopped, whatever for.
  for (auto& each : std::exchange(stops_, {}))
    each.promise.deliver();
}

} // namespace hetzel::runtime
