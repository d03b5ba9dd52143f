#pragma once

#include "actors/runtime/supervisor.hpp"

#include <caf/fwd.hpp>

#include <cstddef>

namespace hetzel::runtime {
class reactor_pool;
} // namespace hetzel::runtime

namespace hetzel::messaging {

class exchange;
class message_disk;

struct tree_options {
  /// Sockets of the node that have not said CONNECT yet; each gate takes its
  /// share.
  std::size_t pending_connects_max = 20'000;
};

/// The writers of the message store, as a child of the node's, before the
/// others of this folder.
[[nodiscard]] runtime::supervisor_spec
storage_supervisor(caf::actor_system& system, message_disk& disk);

/// The supervisor of this folder's actors, as a child of the node's. In order:
/// subscription shards, retained shards, and for each reactor a courier, with a
/// message store the journal's keeper, a hook caller, a registrar and a connect
/// gate. All arguments must outlive it.
[[nodiscard]] runtime::supervisor_spec
messaging_supervisor(caf::actor_system& system, runtime::reactor_pool& reactors,
                     exchange& node, tree_options options);

/// Ends what nobody supervises when the tree was stopped while a registrar was
/// being restarted. After the tree has ended, before the reactors stop.
void end_orphans(exchange& node, caf::scoped_actor& self);

/// Makes CAF know the message types of this folder, plugins and net. Once per
/// program, before the first actor system.
void register_types();

} // namespace hetzel::messaging
