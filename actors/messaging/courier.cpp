#include "actors/messaging/courier.hpp"

#include "actors/messaging/overload/slow_clients.hpp"
#include "actors/messaging/queue.hpp"
#include "actors/messaging/site.hpp"
#include "actors/messaging/storage/message_disk.hpp"
#include "actors/runtime/pinned.hpp"

#include <caf/actor_cast.hpp>

#include <limits>
#include <string>

namespace hetzel::messaging {

namespace {

/// The rest waits until the others of the reactor had their turn.
constexpr std::size_t batches_per_turn = 64;

class courier_state {
public:
  static inline const char* name = "messaging.courier";

  courier_state(runtime::pinned_pointer<courier> self, site* local)
    : self_(self), local_(local) {}

  courier::behavior_type make_behavior() {
    return {
      runtime::describing(self_, [this] { return snapshot(); }),
      [this](wake_atom) { on_wake(); },
      [this](shed_atom) { disconnect_slowest(*local_); },
    };
  }

private:
  runtime::state_entries snapshot() const {
    return {{"batches", std::to_string(batches_)},
            {"messages", std::to_string(messages_)}};
  }

  void on_wake() {
    local_->router.on_credit();
    settle();
    expire();
    for (const auto& batch : local_->inbox.take(batches_per_turn)) {
      ++batches_;
      messages_ += batch->items.size();
      for (const auto& routed : batch->items)
        local_->router.deliver_here(routed);
    }
    if (!local_->inbox.empty())
      self_->send(caf::actor_cast<courier>(self_->ctrl()), wake_atom_v);
  }

  /// Who waited for the store goes on.
  void settle() {
    for (auto& one :
         local_->settlements.take(std::numeric_limits<std::size_t>::max()))
      if (auto* owner = local_->queues.find(one.ticket.waiter))
        owner->on_settlement(one);
  }

  /// A queue may be about to start, or busy with those messages.
  void expire() {
    for (const auto& found :
         local_->expired.take(std::numeric_limits<std::size_t>::max())) {
      auto* owner = local_->queues.find(local_->queues.find(found.key));
      if (!owner || !owner->on_expired(found))
        disk().tell_again(disk().shard_of(found.key));
    }
  }

  message_disk& disk() { return *local_->node.messages; }

  runtime::pinned_pointer<courier> self_;
  site* local_;
  std::uint64_t batches_ = 0;
  std::uint64_t messages_ = 0;
};

} // namespace

courier spawn_courier(runtime::reactor& home, site& local) {
  return runtime::spawn_pinned<courier, courier_state>(home, &local);
}

} // namespace hetzel::messaging
