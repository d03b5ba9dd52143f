#pragma once

#include "actors/admin/reply.hpp"
#include "actors/node/type_ids.hpp"
#include "actors/runtime/introspection.hpp"

#include <caf/fwd.hpp>

#include <filesystem>
#include <memory>

namespace hetzel::cluster {
class metadata;
} // namespace hetzel::cluster

namespace hetzel::messaging {
class message_disk;
} // namespace hetzel::messaging

namespace hetzel::node {

/// A copy of the data directory that an operator wants.
struct checkpoint_order {
  std::filesystem::path to;
  admin::reply answer;
};

/// Makes copies of what the node has on disk while it runs. Detached, since it
/// blocks on the disk, for a megabyte at a time.
/// Messages:    order (one-way; the order's reply answers, when all is done).
/// Owns:        one copy under way; another one is refused meanwhile.
/// Supervision: permanent child of the admin supervisor.
/// On failure:  the copy under way is removed, its operator told.
using checkpointer = runtime::introspectable::extend<
  caf::result<void>(checkpoint_order_ptr)>;

struct checkpoint_sources {
  cluster::metadata* metadata = nullptr;
  messaging::message_disk* messages = nullptr;
  std::filesystem::path data_dir;
};

/// What `from` names outlives the actor.
checkpointer spawn_checkpointer(caf::actor_system& system,
                                checkpoint_sources from);

/// Makes CAF know the message types of this folder. Once per program, before
/// the first actor system.
void register_types();

} // namespace hetzel::node
