#pragma once

#include "actors/runtime/supervisor.hpp"

#include <cstddef>

namespace hetzel::runtime {
class reactor_pool;
} // namespace hetzel::runtime

namespace hetzel::messaging {

class exchange;

struct tree_options {
  /// Sockets of the node that have not said CONNECT yet; each gate takes its
  /// share.
  std::size_t pending_connects_max = 20'000;
};

/// The supervisor of this folder's actors, as a child of the node's. In order:
/// subscription shards, retained shards, and for each reactor a courier, a
/// registrar and a connect gate. All arguments must outlive it.
[[nodiscard]] runtime::supervisor_spec
messaging_supervisor(caf::actor_system& system, runtime::reactor_pool& reactors,
                     exchange& node, tree_options options);

/// Makes CAF know the message types of this folder and of net. Once per
/// program, before the first actor system.
void register_types();

} // namespace hetzel::messaging
