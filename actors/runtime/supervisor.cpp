#include "actors/runtime/supervisor.hpp"

#include "actors/runtime/pinned.hpp"
#include "actors/runtime/supervisor_state.hpp"

#include <caf/actor_cast.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace hetzel::runtime {

supervisor_actor spawn_supervisor(caf::actor_system& system,
                                  supervisor_spec spec) {
  using implementation
    = caf::stateful_actor<supervisor_state,
                          introspected<supervisor_actor::impl>>;
  return system.spawn<implementation>(std::move(spec));
}

supervisor_actor spawn_supervisor(reactor& home, supervisor_spec spec) {
  return spawn_pinned<supervisor_actor, supervisor_state>(home,
                                                          std::move(spec));
}

child_spec supervisor_child(caf::actor_system& system, supervisor_spec spec) {
  child_spec result;
  result.name = spec.name;
  result.type = child_type::supervisor;
  result.confirms_start = true;
  result.shutdown_deadline = std::chrono::hours{24};
  result.start_deadline = std::chrono::hours{24};
  result.start = [&system, spec = std::move(spec)] {
    return caf::actor_cast<caf::strong_actor_ptr>(
      spawn_supervisor(system, spec));
  };
  return result;
}

} // namespace hetzel::runtime
