#pragma once

#include "actors/runtime/child_types.hpp"
#include "actors/runtime/type_ids.hpp"

#include <caf/actor_control_block.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace hetzel::runtime {

/// How a supervisor starts, stops and restarts one child (OTP's child_spec).
struct child_spec {
  /// Unique within the supervisor.
  std::string name;
  restart_policy restart = restart_policy::permanent;
  /// A supervisor answers `children_atom`, whatever else it is.
  child_type type = child_type::worker;

  /// How long the child may take to end after `exit_reason::shutdown`, before
  /// it is killed. nullopt: it is killed at once.
  std::optional<std::chrono::milliseconds> shutdown_deadline
    = std::chrono::seconds{5};

  /// How long it may take to initialise; then the start has failed.
  std::chrono::milliseconds start_deadline = std::chrono::seconds{30};

  /// True: the child answers `started_atom` (`result<void>`) when it is ready.
  /// False: it is taken for ready once it answers `describe_atom`, which shows
  /// that its `make_behavior` ran.
  bool confirms_start = false;

  /// Spawns the child, which answers `describe_atom`. Runs within the
  /// supervisor; null or an exception is a failed start.
  std::function<caf::strong_actor_ptr()> start;

  /// With the new handle, each time the child has become ready; wiring
  /// publishes it from here. Runs within the supervisor. May be empty.
  std::function<void(const caf::strong_actor_ptr&)> on_started;
};

/// What a supervisor knows of one child: an element of the answer to
/// `children_atom`.
struct child_listing {
  std::string name;
  std::string kind;
  child_type type = child_type::worker;
  child_state state = child_state::stopped;
  caf::strong_actor_ptr actor; ///< null while stopped
  std::uint32_t restarts = 0;
  std::string last_failure; ///< empty: it never ended abnormally
};

template <class Inspector>
bool inspect(Inspector& f, child_listing& x) {
  auto type = static_cast<std::uint8_t>(x.type);
  auto state = static_cast<std::uint8_t>(x.state);
  const bool result = f.object(x).fields(
    f.field("name", x.name), f.field("kind", x.kind), f.field("type", type),
    f.field("state", state), f.field("actor", x.actor),
    f.field("restarts", x.restarts), f.field("last_failure", x.last_failure));
  // Numbers of other nodes' making are taken only when they mean something.
  constexpr auto last_type = static_cast<std::uint8_t>(child_type::supervisor);
  constexpr auto last_state = static_cast<std::uint8_t>(child_state::stopping);
  if (!result || type > last_type || state > last_state)
    return false;
  x.type = static_cast<child_type>(type);
  x.state = static_cast<child_state>(state);
  return true;
}

} // namespace hetzel::runtime
