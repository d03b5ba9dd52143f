#pragma once

#include "actors/runtime/actor_description.hpp"
#include "actors/runtime/type_ids.hpp"
#include "protocol/basic_types.hpp"

#include <caf/actor_config.hpp>
#include <caf/error.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/monitorable_actor.hpp>
#include <caf/result.hpp>
#include <caf/typed_actor.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace hetzel::runtime {

/// What every actor of ours answers; interfaces extend it:
/// `using queue_actor = introspectable::extend<caf::result<void>(...)>;`
using introspectable
  = caf::typed_actor<caf::result<actor_description>(describe_atom)>;

/// What an actor knows of its birth. Filled from the innermost
/// `spawning_scope` of the thread that spawns it.
struct birth_record {
  std::uint64_t parent = 0;
  mqtt::time_point time;
  std::unique_ptr<const std::string> last_failure; // null: none
  std::uint32_t restarts = 0;

  static birth_record make();
};

/// While it lives, actors spawned by this thread name `parent` as theirs.
/// Supervisors open one around a child's start function.
class spawning_scope {
public:
  explicit spawning_scope(std::uint64_t parent, std::uint32_t restarts = 0,
                          std::string last_failure = {});
  ~spawning_scope();

  spawning_scope(const spawning_scope&) = delete;
  spawning_scope& operator=(const spawning_scope&) = delete;

private:
  friend struct birth_record;

  std::uint64_t parent_;
  std::uint32_t restarts_;
  std::string last_failure_;
  spawning_scope* outer_;
};

/// What an exception or an exit reason says to a person: the text alone where
/// there is one.
[[nodiscard]] std::string failure_text(const caf::error& reason);

namespace detail {

/// Everything but `reactor` and `state`.
actor_description describe(caf::monitorable_actor& self,
                           const birth_record& birth, std::size_t mailbox_size,
                           std::uint64_t messages_handled);

/// Logs `actor.failed` and makes the error that the actor ends with.
caf::error on_exception(caf::monitorable_actor* self,
                        std::exception_ptr& failure);

void log_unexpected(caf::monitorable_actor& self, const char* event);

/// Sets the handlers that make an actor log where CAF would print.
void install_handlers(caf::scheduled_actor& self);

} // namespace detail

/// An event-based actor, typed or not, that can describe itself and whose
/// exceptions are logged; `pinned` is one. For actors on CAF's own scheduler
/// and detached ones, use it in place of `Base`:
/// `caf::stateful_actor<state, introspected<node_actor::impl>>`.
/// Costs 48 bytes and one addition per message.
template <class Base>
class introspected : public Base {
public:
  explicit introspected(caf::actor_config& config)
    : Base(config), birth_(birth_record::make()) {
    detail::install_handlers(*this);
  }

  using Base::enqueue;

  bool enqueue(caf::mailbox_element_ptr element,
               caf::execution_unit* host) override {
    received_elsewhere_.fetch_add(1, std::memory_order_relaxed);
    return Base::enqueue(std::move(element), host);
  }

  /// The answer to `describe_atom`, but for `state`. Only within the actor.
  [[nodiscard]] virtual actor_description describe() {
    const auto waiting = this->mailbox().size();
    return detail::describe(
      *this, birth_, waiting,
      received_at_home_ + received_elsewhere_.load(std::memory_order_relaxed)
        - waiting);
  }

  [[nodiscard]] const birth_record& birth() const noexcept { return birth_; }

protected:
  void count_received_at_home() noexcept { ++received_at_home_; }
  void count_received_elsewhere() noexcept {
    received_elsewhere_.fetch_add(1, std::memory_order_relaxed);
  }

private:
  birth_record birth_;
  std::uint64_t received_at_home_ = 0; // by the thread that is ours
  std::atomic<std::uint64_t> received_elsewhere_ = 0;
};

/// The handler that every behaviour lists:
/// `describing(self, [this] { return state_entries{{"depth", "3"}}; })`.
template <class Self, class State>
auto describing(Self* self, State state) {
  return [self, state = std::move(state)](describe_atom) {
    actor_description result = self->describe();
    result.state = state();
    return result;
  };
}

/// For actors without a state worth showing.
template <class Self>
auto describing(Self* self) {
  return describing(self, [] { return state_entries{}; });
}

} // namespace hetzel::runtime
