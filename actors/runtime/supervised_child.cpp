#include "actors/runtime/supervised_child.hpp"

#include "actors/runtime/exit_messages.hpp"
#include "actors/runtime/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <exception>
#include <utility>

namespace hetzel::runtime {

supervised_child::supervised_child(pointer self, owner& parent, child_key key,
                                   child_spec_ptr spec,
                                   std::chrono::milliseconds kill_deadline)
  : self_(self),
    owner_(parent),
    key_(key),
    spec_(std::move(spec)),
    kill_deadline_(kill_deadline) {}

supervised_child::~supervised_child() {
  deadline_.dispose();
  if (actor_)
    send_kill(*self_, actor_);
}

const char* supervised_child::kind() const {
  return actor_ ? kind_of(actor_) : "";
}

// -- start --------------------------------------------------------------------

void supervised_child::start(std::uint32_t restarts) {
  ++life_;
  phase_ = phase::starting;
  actor_ = spawn(restarts);
  if (!actor_) {
    phase_ = phase::absent;
    owner_.on_gone(*this, true);
    return;
  }
  self_->monitor(actor_);
  ask_whether_ready();
}

caf::strong_actor_ptr supervised_child::spawn(std::uint32_t restarts) {
  try {
    const spawning_scope scope{self_->id(), restarts, last_failure_};
    if (auto result = spec_->start())
      return result;
    last_failure_ = "not spawned";
  } catch (const std::exception& error) {
    last_failure_ = error.what();
  } catch (...) {
    last_failure_ = "unknown exception";
  }
  return nullptr;
}

void supervised_child::ask_whether_ready() {
  const auto ready = [weak = weak_from_this(), life = life_] {
    if (const auto self = weak.lock(); self && self->life_ == life)
      self->on_answer();
  };
  const auto not_ready
    = [weak = weak_from_this(), life = life_](const caf::error& why) {
        if (const auto self = weak.lock(); self && self->life_ == life)
          self->on_no_answer(why);
      };
  if (spec_->confirms_start)
    self_
      ->request(caf::actor_cast<caf::actor>(actor_), spec_->start_deadline,
                started_atom_v)
      .then(ready, not_ready);
  else
    self_
      ->request(caf::actor_cast<introspectable>(actor_), spec_->start_deadline,
                describe_atom_v)
      .then([ready](const actor_description&) { ready(); }, not_ready);
}

void supervised_child::on_answer() {
  if (phase_ != phase::starting)
    return;
  phase_ = phase::ready;
  if (spec_->on_started)
    spec_->on_started(actor_);
  owner_.on_ready(*this);
}

// Its end is what counts: when it ended by itself the down message says why and
// is on its way, when it hangs or refused it is made to end.
void supervised_child::on_no_answer(const caf::error& why) {
  if (phase_ != phase::starting || why == caf::sec::request_receiver_down)
    return;
  last_failure_ = why == caf::sec::request_timeout
                    ? "did not become ready in time"
                    : failure_text(why);
  kill_and_wait();
}

// -- end ----------------------------------------------------------------------

void supervised_child::stop() {
  phase_ = phase::ending;
  if (!spec_->shutdown_deadline)
    return kill_and_wait();
  self_->send_exit(actor_, caf::exit_reason::user_shutdown);
  arm(*spec_->shutdown_deadline, &supervised_child::on_stop_deadline);
}

void supervised_child::kill_and_wait() {
  send_kill(*self_, actor_);
  arm(kill_deadline_, &supervised_child::on_kill_deadline);
}

void supervised_child::arm(std::chrono::milliseconds delay,
                           void (supervised_child::*on_deadline)()) {
  deadline_.dispose();
  deadline_ = self_->run_delayed(
    delay, [weak = weak_from_this(), life = life_, on_deadline] {
      const auto self = weak.lock();
      if (self && self->life_ == life && self->actor_)
        (*self.*on_deadline)();
    });
}

void supervised_child::on_stop_deadline() {
  log::warning("supervisor.child_killed", {{"supervisor", self_->id()},
                                           {"child", spec_->name},
                                           {"id", actor_->id()}});
  kill_and_wait();
}

// It hangs in a handler: nothing in this program can end it.
void supervised_child::on_kill_deadline() {
  log::error("supervisor.child_abandoned", {{"supervisor", self_->id()},
                                            {"child", spec_->name},
                                            {"id", actor_->id()}});
  self_->demonitor(actor_);
  gone(caf::exit_reason::kill);
}

void supervised_child::on_down(const caf::error& reason) { gone(reason); }

void supervised_child::gone(const caf::error& reason) {
  const bool was_given_up
    = phase_ == phase::starting && reason == caf::exit_reason::kill
      && !last_failure_.empty();
  const bool is_failure = is_abnormal(reason) && phase_ != phase::ending;
  if (is_failure && !was_given_up)
    last_failure_ = failure_text(reason);
  deadline_.dispose();
  phase_ = phase::absent;
  actor_ = nullptr;
  owner_.on_gone(*this, is_failure);
}

} // namespace hetzel::runtime
