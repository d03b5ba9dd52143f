#include "actors/runtime/supervision_rules.hpp"

#include <algorithm>

namespace hetzel::runtime {

supervision_rules::supervision_rules(restart_strategy strategy,
                                     restart_intensity intensity,
                                     supervision_sink& sink)
  : strategy_(strategy), history_(intensity), sink_(sink) {}

child_key supervision_rules::add(restart_policy policy) {
  children_.push_back({.key = next_key_, .policy = policy});
  return next_key_++;
}

void supervision_rules::start_all() {
  for (child& one : children_) {
    one.is_wanted = true;
    steps_.push_back(
      {.key = one.key, .is_start = true, .why = cause::first_start});
  }
  advance();
}

void supervision_rules::stop_all() {
  if (!is_ending_)
    end(supervision_end::stopped);
  advance();
}

// -- requests -----------------------------------------------------------------

bool supervision_rules::start(child_key key, bool is_new) {
  child* one = find(key);
  if (!one || is_ending_ || one->state != child_state::stopped)
    return false;
  one->is_wanted = true;
  requests_.push_back(
    {.what = request::kind::start, .key = key, .is_new = is_new, .time = {}});
  advance();
  return true;
}

bool supervision_rules::stop(child_key key) {
  child* one = find(key);
  if (!one || is_ending_)
    return false;
  one->is_wanted = false;
  requests_.push_back({.what = request::kind::stop, .key = key, .time = {}});
  advance();
  return true;
}

bool supervision_rules::remove(child_key key) {
  const child* one = find(key);
  // Wanted and stopped: it is about to be started.
  if (!one || one->state != child_state::stopped || one->is_wanted)
    return false;
  forget(key);
  return true;
}

// -- outcomes -----------------------------------------------------------------

void supervision_rules::on_started(child_key key) {
  child* one = find(key);
  if (one && one->state == child_state::starting)
    one->state = child_state::running;
  advance();
}

void supervision_rules::on_start_failed(child_key key, mqtt::time_point now) {
  child* one = find(key);
  if (!one)
    return;
  const bool was_starting = one->state == child_state::starting;
  one->state = child_state::stopped;
  if (was_starting && !is_ending_ && !steps_.empty()) {
    const cause why = steps_.front().why;
    steps_.clear();
    switch (why) {
      case cause::first_start:
        end(supervision_end::start_failed);
        break;
      case cause::new_child:
        forget(key);
        break;
      case cause::request:
        one->is_wanted = false;
        break;
      case cause::restart:
        restart_after(*one, now);
        break;
    }
  }
  advance();
}

void supervision_rules::on_down(child_key key, bool is_abnormal,
                                mqtt::time_point now) {
  child* one = find(key);
  if (!one)
    return;
  if (one->state == child_state::starting)
    return on_start_failed(key, now);
  const bool was_running = one->state == child_state::running;
  one->state = child_state::stopped;
  if (was_running && !is_ending_)
    requests_.push_back({.what = request::kind::ended,
                         .key = key,
                         .is_abnormal = is_abnormal,
                         .time = now});
  advance();
}

// -- one thing after the other ------------------------------------------------

// The sink may report outcomes from within its calls; the outer call goes on
// with what they left.
void supervision_rules::advance() {
  if (is_advancing_)
    return;
  is_advancing_ = true;
  while (can_advance())
    ;
  is_advancing_ = false;
}

bool supervision_rules::can_advance() {
  if (!steps_.empty())
    return can_finish_step(steps_.front());
  if (is_ending_) {
    if (!is_finished_) {
      is_finished_ = true;
      sink_.finish(why_ending_);
    }
    return false;
  }
  if (requests_.empty())
    return false;
  const request next = requests_.front();
  requests_.pop_front();
  begin(next);
  return true;
}

bool supervision_rules::can_finish_step(step& front) {
  return front.is_start ? can_finish_start(front) : can_finish_stop(front);
}

bool supervision_rules::can_finish_start(step& front) {
  child* one = find(front.key);
  if (one && !front.has_begun && one->state == child_state::stopped) {
    front.has_begun = true;
    one->state = child_state::starting;
    if (front.why == cause::restart)
      ++one->restarts;
    sink_.start(front.key);
    return true;
  }
  if (one && one->state == child_state::starting)
    return false;
  steps_.pop_front();
  return true;
}

bool supervision_rules::can_finish_stop(const step& front) {
  const child_key key = front.key;
  child* one = find(key);
  if (one && one->state == child_state::stopping)
    return false;
  if (one && one->state != child_state::stopped) {
    one->state = child_state::stopping;
    sink_.stop(key);
    return true;
  }
  steps_.pop_front();
  if (one && one->policy == restart_policy::temporary && !is_ending_)
    forget(key);
  return true;
}

void supervision_rules::begin(const request& what) {
  child* one = find(what.key);
  if (!one)
    return;
  switch (what.what) {
    case request::kind::start:
      if (one->is_wanted) // not asked to stop since
        steps_.push_back(
          {.key = what.key,
           .is_start = true,
           .why = what.is_new ? cause::new_child : cause::request});
      break;
    case request::kind::stop:
      steps_.push_back(
        {.key = what.key, .is_start = false, .why = cause::request});
      break;
    case request::kind::ended:
      // A restart of several may have started it again meanwhile, and an
      // operator may have asked for its end.
      if (one->state != child_state::stopped || !one->is_wanted)
        return;
      if (one->policy == restart_policy::permanent
          || (one->policy == restart_policy::transient && what.is_abnormal)) {
        restart_after(*one, what.time);
      } else {
        one->is_wanted = false;
        if (one->policy == restart_policy::temporary)
          forget(what.key);
      }
      break;
  }
}

void supervision_rules::restart_after(child& failed, mqtt::time_point now) {
  if (!history_.add(now))
    return end(supervision_end::restarts_exceeded);
  const auto position = static_cast<std::size_t>(&failed - children_.data());
  switch (strategy_) {
    case restart_strategy::one_for_one:
      steps_.push_back(
        {.key = failed.key, .is_start = true, .why = cause::restart});
      break;
    case restart_strategy::one_for_all:
      restart_range(0, failed.key);
      break;
    case restart_strategy::rest_for_one:
      restart_range(position, failed.key);
      break;
  }
}

// Stops those from `first` on in reverse order, then starts those that should
// run in order. A temporary one is not started again: its stop forgets it.
void supervision_rules::restart_range(std::size_t first, child_key failed) {
  const auto begin = children_.begin() + static_cast<std::ptrdiff_t>(first);
  for (auto i = children_.end(); i != begin;) {
    --i;
    if (i->key != failed)
      steps_.push_back(
        {.key = i->key, .is_start = false, .why = cause::restart});
  }
  for (auto i = begin; i != children_.end(); ++i)
    if (i->is_wanted)
      steps_.push_back(
        {.key = i->key, .is_start = true, .why = cause::restart});
}

// What is under way is given up: a child that is starting is stopped like the
// rest, one that is stopping already is waited for in its turn.
void supervision_rules::end(supervision_end why) {
  is_ending_ = true;
  why_ending_ = why;
  requests_.clear();
  steps_.clear();
  for (auto i = children_.rbegin(); i != children_.rend(); ++i)
    steps_.push_back(
      {.key = i->key, .is_start = false, .why = cause::request});
}

// -- look-up ------------------------------------------------------------------

void supervision_rules::forget(child_key key) {
  std::erase_if(children_, [key](const child& one) { return one.key == key; });
  sink_.forget(key);
}

supervision_rules::child* supervision_rules::find(child_key key) {
  const auto i = std::find_if(children_.begin(), children_.end(),
                              [key](const child& one) {
                                return one.key == key;
                              });
  return i == children_.end() ? nullptr : &*i;
}

const supervision_rules::child* supervision_rules::find(child_key key) const {
  return const_cast<supervision_rules*>(this)->find(key);
}

child_state supervision_rules::state(child_key key) const {
  const child* one = find(key);
  return one ? one->state : child_state::stopped;
}

bool supervision_rules::is_wanted(child_key key) const {
  const child* one = find(key);
  return one && one->is_wanted;
}

std::uint32_t supervision_rules::restarts(child_key key) const {
  const child* one = find(key);
  return one ? one->restarts : 0;
}

} // namespace hetzel::runtime
