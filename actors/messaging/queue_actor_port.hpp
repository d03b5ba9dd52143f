#pragma once

#include "actors/messaging/retained_feed.hpp"
#include "actors/messaging/storage/store_writer.hpp"
#include "actors/messaging/subscription_change.hpp"
#include "cluster/type_ids.hpp"
#include "protocol/message.hpp"

#include <cstdint>

namespace hetzel::messaging {

/// What the queue's actor does for it: all that needs messages to others.
class queue_actor_port {
public:
  virtual ~queue_actor_port() = default;

  /// Has the metadata, if the Session is recorded there, and then the index
  /// apply `changes`, then calls `queue::on_applied` with `ticket` and the
  /// filters of those that did not.
  virtual void apply(subscription_changes changes, std::uint32_t ticket) = 0;

  /// Has the index alone apply them; nobody waits for it.
  virtual void index(subscription_changes changes) = 0;

  /// Changes what the metadata has of the Session, then calls
  /// `queue::on_recorded` unless there was another since.
  virtual void record(cluster::metadata_write_ptr write) = 0;

  /// Has the index forget `changes`; nobody waits for it.
  virtual void forget(subscription_changes changes) = 0;

  /// Asks a retained shard, then calls `queue::on_retained`.
  virtual void fetch(retained_request request) = 0;

  /// Reads messages from the store, then calls `queue::on_window`.
  virtual void load(window_query query) = 0;

  /// Calls `queue::load_again` in a while.
  virtual void load_later() = 0;

  /// Has a retained shard keep it, then calls `queue::on_will_kept` with
  /// `connection`.
  virtual void retain(const mqtt::message_ptr& will, std::uint32_t connection)
    = 0;

  /// Ends a walk that nobody goes on with.
  virtual void cancel(retained_request request) = 0;

  /// Ends the actor, normally or with an error, in its own time.
  virtual void stop() = 0;
  virtual void stop(const char* error) = 0;
};

} // namespace hetzel::messaging
