#pragma once

#include "actors/messaging/index/queue_id.hpp"
#include "actors/messaging/interfaces.hpp"
#include "actors/messaging/restored_session.hpp"
#include "actors/runtime/reactor.hpp"
#include "cluster/type_ids.hpp"

#include <memory>

namespace hetzel::messaging {

struct site;

/// What was before a queue.
struct queue_origin {
  /// It goes on with this Session; null: it begins one.
  std::unique_ptr<const restored_session> restored;
  /// Deletes the subscriber's former Session, which is just leaving the
  /// metadata: in case that write was lost. Null: there was none.
  cluster::metadata_write_ptr former;
};

/// Runs the `queue` of one subscriber.
/// Messages:    describe; sessions and the router call `queue` in place.
/// Owns:        messages, subscriptions and exchanges of the Session.
/// Supervision: temporary child of its reactor's registrar.
/// On failure:  its session is closed and its messages are lost; a Session that
///              the metadata has is taken up again by the registrar, another
///              is gone.
///
/// `id` was reserved in `local.queues`.
queue_actor spawn_queue_actor(runtime::reactor& home, site& local, queue_id id,
                              queue_origin from);

} // namespace hetzel::messaging
