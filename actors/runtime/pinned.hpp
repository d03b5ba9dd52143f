#pragma once

#include "actors/runtime/reactor.hpp"

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/stateful_actor.hpp>

#include <utility>

namespace hetzel::runtime {

/// An event-based actor that runs on one reactor only, whoever sends to it:
/// `Base` is `caf::event_based_actor` or a `caf::typed_event_based_actor`.
template <class Base>
class pinned : public Base {
public:
  /// The reactor is the host that `spawn_pinned` put into `config`.
  explicit pinned(caf::actor_config& config)
    : Base(config), home_(static_cast<reactor*>(config.host)) {}

  using Base::enqueue;

  bool enqueue(caf::mailbox_element_ptr element,
               caf::execution_unit*) override {
    return Base::enqueue(std::move(element), home_);
  }

  void launch(caf::execution_unit*, bool lazy, bool hide) override {
    Base::launch(home_, lazy, hide);
  }

  [[nodiscard]] reactor& home() const noexcept { return *home_; }

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
/// (keep that trivial), `make_behavior` and all else run on `home`.
template <class Handle, class State, class... Arguments>
Handle spawn_pinned(reactor& home, Arguments&&... arguments) {
  caf::actor_config config{&home};
  config.flags |= caf::abstract_actor::is_hidden_flag;
  return home.system()
    .template spawn_class<pinned_actor<Handle, State>, caf::hidden>(
      config, std::forward<Arguments>(arguments)...);
}

} // namespace hetzel::runtime
