#include "actors/net/tls/tls_watch.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace hetzel::net {

namespace {

using tls_watch_base = runtime::introspected<tls_watch::impl>;

class tls_watch_state {
public:
  static inline const char* name = "net.tls_watch";

  tls_watch_state(tls_watch_base* self, std::function<void()> look,
                  std::chrono::milliseconds interval)
    : self_(self), look_(std::move(look)), interval_(interval) {}

  tls_watch::behavior_type make_behavior() {
    schedule();
    return {
      runtime::describing(self_, [this] { return snapshot(); }),
      [this](look_atom) { on_look(); },
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

  tls_watch_base* self_;
  std::function<void()> look_;
  std::chrono::milliseconds interval_;
  std::uint64_t looks_ = 0;
};

} // namespace

tls_watch spawn_tls_watch(caf::actor_system& system, std::function<void()> look,
                          std::chrono::milliseconds interval) {
  using implementation = caf::stateful_actor<tls_watch_state, tls_watch_base>;
  return system.spawn<implementation, caf::detached + caf::hidden>(
    std::move(look), interval);
}

} // namespace hetzel::net
