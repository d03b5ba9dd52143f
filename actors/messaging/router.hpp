#pragma once

#include "actors/messaging/delivery_batch.hpp"
#include "actors/messaging/index/match_cache.hpp"
#include "actors/runtime/intrusive_list.hpp"
#include "protocol/message.hpp"
#include "protocol/reason_code.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace hetzel::messaging {

struct offer;
struct site;

/// Somebody who publishes and must rest while receivers are behind.
class stallable : public runtime::intrusive_list_node<stallable> {
public:
  virtual ~stallable() = default;

  /// The router has room again.
  virtual void on_unstalled() = 0;
};

/// Takes messages from the publishers of one reactor to the queues of all:
/// those on its own reactor get them at once, the others in one batch per
/// reactor at `flush`. Used by its reactor's thread.
class router {
public:
  explicit router(site& local);
  ~router();

  /// Routes to all subscribers, share groups included. `success`, or
  /// `no_matching_subscribers`.
  /// Whoever is to store it takes a receipt from `waits`; null: the publisher
  /// does not wait.
  mqtt::reason_code publish(const mqtt::message_ptr& message,
                            receipt_source* waits = nullptr);

  /// Has the topic's retained message replaced, or erased when the payload is
  /// empty; nobody waits for it. `publish` does not do it.
  void retain(const mqtt::message_ptr& message);

  /// Gives a delivery of a share group to another member. False when the group
  /// has no other member that takes it; with `online_only` none that is
  /// connected. `waits` is for who stores it.
  bool redistribute(const mqtt::delivery& item, queue_id excluded,
                    bool online_only, receipt_source* waits = nullptr);

  /// Sends what was gathered for other reactors and for the retained shards.
  void flush();

  /// A receiver is so far behind that publishers must not be read.
  [[nodiscard]] bool is_stalled() const noexcept;

  /// One call of `on_unstalled` when that has changed. Precondition: stalled.
  void await_credit(stallable& publisher);

  /// From this reactor's courier: a receiver caught up.
  void on_credit();

  /// Gives the deliveries of `routed` that are for this reactor to their
  /// queues. From this reactor's courier.
  void deliver_here(const routed_message& routed);

private:
  template <class T>
  struct destination;

  void route_shared(const mqtt::message_ptr& message,
                    const shared_target& group, receipt_source* waits);
  [[nodiscard]] bool choose(const mqtt::message_ptr& message,
                            const shared_target& group, queue_id excluded,
                            bool online_only, routed_message& chosen);
  void hand_over(queue_id::reactor_type reactor, routed_message routed,
                 receipt_source* waits);
  [[nodiscard]] bool is_stored_there(const routed_message& routed,
                                     queue_id::reactor_type reactor) const;
  void deliver(const routed_message& routed, receipt_source* waits);
  void share_body(const mqtt::message_ptr& message, const match_set& targets,
                  receipt_source* waits);
  [[nodiscard]] bool is_to_store(const mqtt::message& message,
                                 const match_target& target) const;
  void deliver_to(queue_id queue, const offer& item);
  void deliver_single(const routed_message& routed, receipt_source* waits);
  [[nodiscard]] bool give_to_another(const mqtt::delivery& item,
                                     queue_id excluded, bool online_only,
                                     unsigned char detours,
                                     receipt_source* waits);

  site& local_;
  match_cache cache_;
  std::vector<destination<routed_message>> couriers_;
  std::vector<destination<mqtt::message_ptr>> retained_;
  runtime::intrusive_list<stallable> stalled_;
  std::uint64_t random_state_;
  /// Of the message that is being published: for the queues of each reactor.
  std::vector<shared_body> bodies_;
  bool has_bodies_ = false;
  /// Since the last flush.
  bool has_put_bodies_ = false;
};

} // namespace hetzel::messaging
