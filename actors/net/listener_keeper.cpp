#include "actors/net/listener_keeper.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace hetzel::net {

namespace {

using listener_keeper_base = runtime::introspected<listener_keeper::impl>;

class listener_keeper_state {
public:
  static inline const char* name = "net.listener_keeper";

  listener_keeper_state(listener_keeper_base* self, std::function<void()> look,
                  std::chrono::milliseconds interval)
    : self_(self), look_(std::move(look)), interval_(interval) {}

  listener_keeper::behavior_type make_behavior() {
    schedule();
    return {
      runtime::describing(self_, [this] { return snapshot(); }),
      [this](look_atom) { on_look(); },
      [](const listener_work_ptr& work) { (*work)(); },
    };
  }

private:
  runtime::state_entries snapshot() const {
    return {{"interval_ms", std::to_string(interval_.count())},
            {"looks", std::to_string(looks_)}};
  }

  void on_look() {
    ++looks_;
    look_();
  }

  void schedule() {
    if (interval_.count() > 0)
      self_->run_delayed(interval_, [this] {
        on_look();
        schedule();
      });
  }

  listener_keeper_base* self_;
  std::function<void()> look_;
  std::chrono::milliseconds interval_;
  std::uint64_t looks_ = 0;
};

} // namespace

listener_keeper spawn_listener_keeper(caf::actor_system& system,
                                      std::function<void()> look,
                                      std::chrono::milliseconds interval) {
  using implementation
    = caf::stateful_actor<listener_keeper_state, listener_keeper_base>;
  return system.spawn<implementation, caf::detached + caf::hidden>(
    std::move(look), interval);
}

} // namespace hetzel::net
