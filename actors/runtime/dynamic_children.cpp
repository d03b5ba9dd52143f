#include "actors/runtime/dynamic_children.hpp"

#include "actors/runtime/exit_messages.hpp"
#include "actors/runtime/log.hpp"

#include <caf/exit_reason.hpp>
#include <caf/scheduled_actor.hpp>

#include <algorithm>

namespace hetzel::runtime {

dynamic_children::dynamic_children(caf::scheduled_actor* parent)
  : parent_(parent) {}

dynamic_children::~dynamic_children() {
  deadline_.dispose();
  kill_all();
}

void dynamic_children::add(caf::strong_actor_ptr child) {
  parent_->monitor(child);
  if (is_stopping_)
    parent_->send_exit(child, caf::exit_reason::user_shutdown);
  const auto id = child->id();
  children_.emplace(id, std::move(child));
}

bool dynamic_children::on_down(const caf::down_msg& message) {
  const auto found = children_.find(message.source.id());
  if (found == children_.end() || message.source != found->second)
    return false;
  // Killed after the deadline of `stop_all` is not a failure of its own.
  if (is_abnormal(message.reason) && !is_stopping_) {
    ++failures_;
    last_failure_ = failure_text(message.reason);
    log::warning("supervisor.child_failed",
                 {{"supervisor", parent_->name()},
                  {"child", message.source.id()},
                  {"error", last_failure_}});
  }
  children_.erase(found);
  check_done();
  return true;
}

void dynamic_children::stop_all(std::chrono::milliseconds deadline,
                                std::function<void()> done) {
  is_stopping_ = true;
  done_ = std::move(done);
  for (const auto& [id, child] : children_)
    parent_->send_exit(child, caf::exit_reason::user_shutdown);
  if (!children_.empty())
    deadline_ = parent_->run_delayed(deadline, [this] { kill_all(); });
  check_done();
}

std::vector<caf::strong_actor_ptr> dynamic_children::release() {
  std::vector<caf::strong_actor_ptr> released;
  released.reserve(children_.size());
  for (auto& [id, child] : children_)
    released.push_back(std::move(child));
  children_.clear();
  return released;
}

void dynamic_children::kill_all() {
  for (const auto& [id, child] : children_)
    send_kill(*parent_, child);
}

void dynamic_children::check_done() {
  if (!done_ || !children_.empty())
    return;
  deadline_.dispose();
  std::exchange(done_, nullptr)();
}

std::vector<child_listing>
dynamic_children::list(std::size_t count_max) const {
  std::vector<child_listing> result;
  result.reserve(std::min(count_max, children_.size()));
  for (const auto& [id, child] : children_) {
    if (result.size() == count_max)
      break;
    child_listing& entry = result.emplace_back();
    entry.kind = kind_of(child);
    entry.state = is_stopping_ ? child_state::stopping : child_state::running;
    entry.actor = child;
  }
  return result;
}

std::uint64_t dynamic_children::parent_id() const noexcept {
  return parent_->id();
}

} // namespace hetzel::runtime
