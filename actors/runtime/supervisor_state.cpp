#include "actors/runtime/supervisor_state.hpp"

#include "actors/runtime/log.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace hetzel::runtime {

namespace {

const char* to_string(restart_strategy strategy) noexcept {
  switch (strategy) {
    case restart_strategy::one_for_one: return "one_for_one";
    case restart_strategy::one_for_all: return "one_for_all";
    case restart_strategy::rest_for_one: return "rest_for_one";
  }
  return "unknown";
}

} // namespace

// Whatever ends the supervisor before it could stop its children: they are
// killed when `children_` goes, for nobody else knows them.
supervisor_state::supervisor_state(pointer self, supervisor_spec spec)
  : self_(self),
    spec_(std::move(spec)),
    rules_(spec_.strategy, spec_.intensity, *this) {}

supervisor_actor::behavior_type supervisor_state::make_behavior() {
  self_->set_exit_handler(
    [this](const caf::exit_msg& message) { on_exit(message.reason); });
  self_->set_down_handler(
    [this](const caf::down_msg& message) { on_down(message); });
  for (child_spec& one : std::exchange(spec_.children, {}))
    add(std::make_shared<const child_spec>(std::move(one)));
  rules_.start_all();
  return {
    describing(self_, [this] { return state(); }),
    [this](children_atom) { return on_children(); },
    [this](started_atom) { return on_started_query(); },
    [this](lookup_child_atom, const std::string& child_name) {
      return on_lookup(child_name);
    },
    [this](start_child_atom, const child_spec_ptr& spec) {
      return on_start(spec);
    },
    [this](restart_child_atom, const std::string& child_name) {
      return on_restart(child_name);
    },
    [this](terminate_child_atom, const std::string& child_name) {
      return on_terminate(child_name);
    },
    [this](delete_child_atom, const std::string& child_name) {
      return on_delete(child_name);
    },
  };
}

// -- messages -----------------------------------------------------------------

caf::result<void> supervisor_state::on_started_query() {
  auto promise = self_->make_response_promise<void>();
  answers_.when_all_started(promise);
  settle();
  return promise;
}

std::vector<child_listing> supervisor_state::on_children() {
  std::vector<child_listing> result;
  result.reserve(children_.size());
  for (const child_ptr& child : children_)
    result.push_back({
      .name = child->spec().name,
      .kind = child->kind(),
      .type = child->spec().type,
      .state = rules_.state(child->key()),
      .actor = child->actor(),
      .restarts = rules_.restarts(child->key()),
      .last_failure = child->last_failure(),
    });
  return result;
}

supervisor_state::handle_result
supervisor_state::on_lookup(const std::string& child_name) {
  const child_ptr child = find(child_name);
  if (!child)
    return supervision_errc::unknown_child;
  if (rules_.state(child->key()) != child_state::running)
    return supervision_errc::child_not_running;
  return child->actor();
}

supervisor_state::handle_result
supervisor_state::on_start(const child_spec_ptr& spec) {
  if (rules_.is_ending())
    return supervision_errc::ending;
  if (find(spec->name))
    return supervision_errc::name_taken;
  const child_key key = add(spec);
  auto promise = self_->make_response_promise<caf::strong_actor_ptr>();
  answers_.when_started(key, promise);
  rules_.start(key, true);
  settle();
  return promise;
}

supervisor_state::handle_result
supervisor_state::on_restart(const std::string& child_name) {
  const child_ptr child = find(child_name);
  if (!child)
    return supervision_errc::unknown_child;
  if (!rules_.start(child->key(), false))
    return rules_.is_ending() ? supervision_errc::ending
                              : supervision_errc::child_not_stopped;
  auto promise = self_->make_response_promise<caf::strong_actor_ptr>();
  answers_.when_started(child->key(), promise);
  if (!rules_.is_wanted(child->key()))
    answers_.explain(child->key(), child->last_failure());
  settle();
  return promise;
}

caf::result<void>
supervisor_state::on_terminate(const std::string& child_name) {
  const child_ptr child = find(child_name);
  if (!child)
    return supervision_errc::unknown_child;
  if (!rules_.stop(child->key()))
    return supervision_errc::ending;
  auto promise = self_->make_response_promise<void>();
  answers_.when_stopped(child->key(), promise);
  settle();
  return promise;
}

caf::result<void> supervisor_state::on_delete(const std::string& child_name) {
  const child_ptr child = find(child_name);
  if (!child)
    return supervision_errc::unknown_child;
  if (!rules_.remove(child->key()))
    return supervision_errc::child_not_stopped;
  return caf::unit;
}

void supervisor_state::on_exit(const caf::error& reason) {
  // A normal end of somebody else's is no order.
  if (!reason)
    return;
  exit_reason_ = reason;
  rules_.stop_all();
}

void supervisor_state::on_down(const caf::down_msg& message) {
  const auto is_source = [&](const child_ptr& child) {
    return child->actor() && message.source == child->actor();
  };
  const auto i = std::find_if(children_.begin(), children_.end(), is_source);
  if (i == children_.end())
    return;
  // A copy: the rules may forget the child while it reports.
  const child_ptr child = *i;
  child->on_down(message.reason);
}

state_entries supervisor_state::state() const {
  return {
    {"name", spec_.name},
    {"strategy", to_string(spec_.strategy)},
    {"children", std::to_string(children_.size())},
    {"running", std::to_string(count(child_state::running))},
    {"restarts_max", std::to_string(spec_.intensity.restarts_max)},
    {"period_ms", std::to_string(spec_.intensity.period.count())},
    {"last_child_failure", last_failure_},
  };
}

// -- what the rules decide ----------------------------------------------------

void supervisor_state::start(child_key key) {
  find(key)->start(rules_.restarts(key));
}

void supervisor_state::stop(child_key key) { find(key)->stop(); }

void supervisor_state::forget(child_key key) {
  std::erase_if(children_,
                [key](const child_ptr& child) { return child->key() == key; });
}

void supervisor_state::finish(supervision_end why) {
  caf::error reason = exit_reason_;
  if (why == supervision_end::start_failed)
    reason = caf::make_error(supervision_errc::start_failed, last_failure_);
  if (why == supervision_end::restarts_exceeded)
    reason = caf::make_error(supervision_errc::restarts_exceeded,
                             last_failure_);
  if (why != supervision_end::stopped)
    log::error("supervisor.gave_up", {{"supervisor", spec_.name},
                                      {"id", self_->id()},
                                      {"error", failure_text(reason)}});
  answers_.settle_all(why == supervision_end::stopped
                        ? caf::make_error(supervision_errc::ending)
                        : reason);
  self_->quit(std::move(reason));
}

// -- what the children report -------------------------------------------------

void supervisor_state::on_ready(supervised_child& child) {
  const auto restarts = rules_.restarts(child.key());
  const bool is_first = restarts == 0;
  log::write(is_first ? log::level::debug : log::level::info,
             is_first ? "supervisor.child_started"
                      : "supervisor.child_restarted",
             {{"supervisor", spec_.name},
              {"child", child.spec().name},
              {"id", child.actor()->id()},
              {"restarts", restarts}});
  rules_.on_started(child.key());
  settle();
}

void supervisor_state::on_gone(supervised_child& child, bool is_abnormal) {
  if (is_abnormal) {
    log::warning("supervisor.child_failed",
                 {{"supervisor", spec_.name},
                  {"child", child.spec().name},
                  {"error", child.last_failure()}});
    last_failure_ = child.spec().name + ": " + child.last_failure();
    answers_.explain(child.key(), child.last_failure());
  }
  rules_.on_down(child.key(), is_abnormal, std::chrono::steady_clock::now());
  settle();
}

// Not while the rules are ending: `finish` answers what is left then.
void supervisor_state::settle() {
  if (!rules_.is_ending())
    answers_.settle(rules_,
                    [this](child_key key) { return find(key)->actor(); });
}

// -- look-up ------------------------------------------------------------------

child_key supervisor_state::add(child_spec_ptr spec) {
  const child_key key = rules_.add(spec->restart);
  children_.push_back(std::make_shared<supervised_child>(
    self_, static_cast<supervised_child::owner&>(*this), key, std::move(spec),
    spec_.kill_deadline));
  return key;
}

std::size_t supervisor_state::count(child_state wanted) const {
  return static_cast<std::size_t>(std::count_if(
    children_.begin(), children_.end(), [&](const child_ptr& child) {
      return rules_.state(child->key()) == wanted;
    }));
}

supervisor_state::child_ptr supervisor_state::find(child_key key) const {
  for (const child_ptr& child : children_)
    if (child->key() == key)
      return child;
  return nullptr;
}

supervisor_state::child_ptr
supervisor_state::find(const std::string& child_name) const {
  for (const child_ptr& child : children_)
    if (child->spec().name == child_name)
      return child;
  return nullptr;
}

} // namespace hetzel::runtime
