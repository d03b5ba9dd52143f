#pragma once

#include "actors/runtime/exit_messages.hpp"
#include "actors/runtime/introspection.hpp"
#include "actors/runtime/reactor.hpp"

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <exception>
#include <utility>

namespace hetzel::runtime {

/// An event-based actor that runs on one reactor only, whoever sends to it:
/// `Base` is `caf::event_based_actor` or a `caf::typed_event_based_actor`.
///
/// Its timeouts (`run_delayed`, requests) come from CAF's clock as messages;
/// what is armed often uses `home().timers()`. A request's timeout keeps the
/// actor's memory until it has passed, answered or not.
template <class Base>
class pinned : public introspected<Base> {
  using super = introspected<Base>;

public:
  /// The reactor is the host that `spawn_pinned` put into `config`.
  explicit pinned(caf::actor_config& config)
    : super(config), home_(static_cast<reactor*>(config.host)) {
    home_->actor_began();
  }

  using super::enqueue;

  bool enqueue(caf::mailbox_element_ptr element,
               caf::execution_unit*) override {
    if (reactor::current() == home_)
      this->count_received_at_home();
    else
      this->count_received_elsewhere();
    return Base::enqueue(std::move(element), home_);
  }

  void launch(caf::execution_unit*, bool lazy, bool hide) override {
    Base::launch(home_, lazy, hide);
  }

  bool cleanup(caf::error&& reason, caf::execution_unit*) override {
    const bool result = Base::cleanup(std::move(reason), home_);
    home_->actor_ended();
    return result;
  }

  [[nodiscard]] actor_description describe() override {
    actor_description result = super::describe();
    result.reactor = home_->index();
    return result;
  }

  [[nodiscard]] reactor& home() const noexcept { return *home_; }

  /// Ends the actor with `reason` (none: normally) once the caller has
  /// returned: for I/O handlers, timers and flushes, where `quit` has no effect
  /// before the next message. Only on the reactor's thread.
  void end_later(caf::error reason = {}) {
    enqueue(end_message(std::move(reason)), home_);
  }

  /// Runs `body` for such a handler: what it throws ends the actor as an
  /// exception out of a message handler would.
  template <class Body>
  void guarded(Body&& body) {
    try {
      body();
    } catch (...) {
      auto failure = std::current_exception();
      end_later(detail::on_exception(this, failure));
    }
  }

private:
  reactor* home_;
};

/// The implementation of the typed actor `Handle` with `State`, pinned.
template <class Handle, class State>
using pinned_actor = caf::stateful_actor<State, pinned<typename Handle::impl>>;

/// What `State`'s constructor takes as its first argument.
template <class Handle>
using pinned_pointer = pinned<typename Handle::impl>*;

/// Spawns it on `home`. From any thread: `State` is constructed by the caller
/// (keep that trivial), `make_behavior` and all else run on `home`. Hidden: the
/// end of the actor system does not wait for it, its supervisor does.
template <class Handle, class State, class... Arguments>
Handle spawn_pinned(reactor& home, Arguments&&... arguments) {
  caf::actor_config config{&home};
  config.flags |= caf::abstract_actor::is_hidden_flag;
  return home.system()
    .template spawn_class<pinned_actor<Handle, State>, caf::hidden>(
      config, std::forward<Arguments>(arguments)...);
}

} // namespace hetzel::runtime
