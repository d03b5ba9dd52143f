#include "actors/messaging/router.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/queue.hpp"
#include "actors/messaging/site.hpp"
#include "actors/messaging/storage/message_disk.hpp"
#include "actors/messaging/storage/stored_message.hpp"
#include "actors/runtime/log.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <exception>
#include <random>
#include <utility>

namespace hetzel::messaging {

namespace {

using mqtt::reason_code;

/// xorshift64*: good enough to spread load, cheap enough for every message.
std::uint64_t next_random(std::uint64_t& state) noexcept {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return state * 0x2545'F491'4F6C'DD1DU;
}

mqtt::qos effective_quality(const mqtt::message& message, mqtt::qos granted,
                            bool upgrade) noexcept {
  return upgrade ? granted : std::min(message.quality(), granted);
}

constexpr std::size_t batch_reserve = 64;

/// Smaller payloads cost less than a reference to them.
constexpr std::size_t shared_body_min = 48;

/// Members that are gone stand in the index until their shard has heard of it,
/// and offline ones look like them: all of a group may be gone.
constexpr unsigned char detours_max = 16;

/// Has that reactor's courier look at its inbox and at stalled publishers. From
/// any thread.
void wake(const site& whose) {
  caf::anon_send(whose.node.couriers[whose.home.index()].get(), wake_atom_v);
}

template <class Destinations>
bool is_exhausted(const Destinations& destinations) noexcept {
  return std::any_of(destinations.begin(), destinations.end(),
                     [](const auto& one) { return one.credit.is_exhausted(); });
}

} // namespace

/// What was gathered for one receiver in this tick.
template <class T>
struct router::destination {
  void add(T item) {
    if (!batch) {
      batch = std::make_shared<transit_batch<T>>();
      batch->items.reserve(batch_reserve);
    }
    batch->items.push_back(std::move(item));
  }

  /// Sends it with `send(batch)`. `origin` is woken when credit is awaited.
  template <class Send>
  void flush(site& origin, Send&& send) {
    if (!batch)
      return;
    credit.take(batch->items.size());
    batch->credit = &credit;
    batch->sender = &origin;
    batch->wake = [](void* sender) { wake(*static_cast<site*>(sender)); };
    send(std::exchange(batch, nullptr));
  }

  std::shared_ptr<transit_batch<T>> batch;
  transit_credit credit;
};

router::router(site& local)
  : local_(local),
    cache_(local.node.subscriptions, local.home.index()),
    couriers_(local.node.couriers.size()),
    retained_(local.node.retained_shards.size()),
    random_state_(std::random_device{}() | 1U) {}

router::~router() = default;

reason_code router::publish(const mqtt::message_ptr& message,
                            receipt_source* waits) {
  auto matched = cache_.match(message->mountpoint(), message->topic_name());
  if (matched->empty())
    return reason_code::no_matching_subscribers;
  for (const auto& group : matched->shared())
    route_shared(message, group, waits);
  const auto targets = matched->targets();
  if (targets.empty())
    return reason_code::success;
  local_.metrics.add(metric::router_matches_local, targets.size());
  has_bodies_ = false;
  if (targets.size() > 1 && local_.node.messages
      && local_.node.messages->shard_count() == 1
      && message->quality() != mqtt::qos::at_most_once
      && message->payload().size() >= shared_body_min)
    share_body(message, *matched, waits);
  // Targets are in the order of their reactors: first and last tell whether
  // there is more than one.
  if (targets.front().queue.reactor() == targets.back().queue.reactor()) {
    hand_over(targets.front().queue.reactor(),
              routed_message::to_all(message, std::move(matched)), waits);
    return reason_code::success;
  }
  matched->for_each_reactor([&](queue_id::reactor_type reactor, auto) {
    hand_over(reactor, routed_message::to_all(message, matched), waits);
  });
  return reason_code::success;
}

void router::hand_over(queue_id::reactor_type reactor, routed_message routed,
                       receipt_source* waits) {
  if (has_bodies_ && routed.targets)
    routed.body = bodies_[reactor];
  if (reactor == local_.home.index())
    return deliver(routed, waits);
  if (waits && is_stored_there(routed, reactor))
    routed.receipt = waits->take();
  couriers_[reactor].add(std::move(routed));
}

/// Whether any of the receivers may store it. One that has only just become
/// such is as if it had come after the message.
bool router::is_stored_there(const routed_message& routed,
                             queue_id::reactor_type reactor) const {
  const auto& loads = *local_.node.loads[reactor];
  if (!local_.node.messages || loads.stored_count() == 0)
    return false;
  if (!routed.targets)
    return loads.get(routed.single).is_stored;
  const auto targets = routed.targets->targets_of(reactor);
  return std::any_of(targets.begin(), targets.end(),
                     [&](const match_target& target) {
                       return loads.get(target.queue).is_stored;
                     });
}

void router::retain(const mqtt::message_ptr& message) {
  const auto shard = local_.node.retained_shard_of(message->mountpoint(),
                                                   message->topic_name());
  retained_[shard].add(message);
}

void router::flush() {
  // Entries elsewhere may refer to bodies of ours.
  if (std::exchange(has_put_bodies_, false))
    local_.storage->send(local_.storage->body_shard());
  for (std::size_t i = 0; i < couriers_.size(); ++i)
    couriers_[i].flush(local_, [&](delivery_batch_ptr batch) {
      auto& there = local_.node.site_of(i);
      if (there.inbox.put(std::move(batch)))
        wake(there);
    });
  for (std::size_t i = 0; i < retained_.size(); ++i)
    retained_[i].flush(local_, [&](retained_batch_ptr batch) {
      caf::anon_send(local_.node.retained_shards[i].get(), std::move(batch));
    });
}

bool router::is_stalled() const noexcept {
  return is_exhausted(couriers_) || is_exhausted(retained_);
}

void router::await_credit(stallable& publisher) {
  stalled_.push_back(publisher);
  for (auto& one : couriers_)
    one.credit.await();
  for (auto& one : retained_)
    one.credit.await();
  // The last batch may have been worked off just before: nobody would call.
  if (!is_stalled())
    wake(local_);
}

void router::on_credit() {
  runtime::intrusive_list<stallable> waiting;
  waiting.splice_back(stalled_);
  while (auto* publisher = waiting.pop_front())
    publisher->on_unstalled();
}

// -- deliveries to queues of this reactor ------------------------------------

/// When several store it, the body goes to disk once. It must not be committed
/// after an entry that refers to it: it leaves first, and there is one writer.
void router::share_body(const mqtt::message_ptr& message,
                        const match_set& targets, receipt_source* waits) {
  bodies_.assign(local_.node.reactor_count(), {});
  std::uint32_t all = 0;
  for (const auto& target : targets.targets())
    if (const auto* effective
        = targets.for_publisher(target, message->publisher());
        effective && is_to_store(*message, *effective)) {
      ++bodies_[target.queue.reactor()].left;
      ++all;
    }
  if (all < 2)
    return;
  std::string bytes;
  encode_body(bytes, *message);
  auto& journal = *local_.storage;
  const auto shard = journal.body_shard();
  const auto reference = journal.batch(shard).put_body(
    local_.node.messages->allocate_body(shard), bytes, all);
  if (waits)
    journal.hold(shard, waits->take());
  for (auto& one : bodies_)
    one.reference = reference;
  has_bodies_ = true;
  has_put_bodies_ = true;
}

bool router::is_to_store(const mqtt::message& message,
                         const match_target& target) const {
  const bool upgrade = local_.config->limits.upgrade_outgoing_qos;
  return effective_quality(message, target.quality, upgrade)
           != mqtt::qos::at_most_once
         && local_.node.loads[target.queue.reactor()]
              ->get(target.queue)
              .is_stored;
}

void router::deliver_here(const routed_message& routed) {
  if (!routed.receipt)
    return deliver(routed, nullptr);
  receipt_source waits{routed.receipt};
  deliver(routed, &waits);
}

void router::deliver(const routed_message& routed, receipt_source* waits) {
  if (!routed.targets)
    return deliver_single(routed, waits);
  const auto reactor
    = static_cast<queue_id::reactor_type>(local_.home.index());
  const auto& set = *routed.targets;
  const auto& message = *routed.message;
  const auto publisher = message.publisher();
  const bool upgrade = local_.config->limits.upgrade_outgoing_qos;
  auto body = routed.body;
  for (const auto& target : set.targets_of(reactor))
    if (const auto* effective = set.for_publisher(target, publisher))
      deliver_to(target.queue,
                 {routed.message, set.ids_of(*effective), 0,
                  effective_quality(message, effective->quality, upgrade),
                  message.retain() && effective->retain_as_published, waits,
                  &body});
  // Some did not store it after all.
  if (body.left > 0)
    local_.storage->batch(persistence::shard_of(body.reference.id))
      .change_references({body.reference.id,
                          -static_cast<std::int32_t>(body.left), false});
}

void router::deliver_to(queue_id id, const offer& item) {
  auto* owner = local_.queues.find(id);
  if (!owner) {
    local_.metrics.add(metric::delivery_stale);
    return;
  }
  try {
    owner->deliver(item);
  } catch (const std::exception& failure) {
    owner->fail(failure.what());
  }
}

void router::deliver_single(const routed_message& routed,
                            receipt_source* waits) {
  auto* owner = local_.queues.find(routed.single);
  if (!owner || owner->is_retired()) {
    // It left after it was chosen, or is just giving this away.
    local_.metrics.add(metric::delivery_stale);
    const mqtt::delivery item{routed.message, routed.ids, routed.share,
                              routed.quality, routed.retain};
    if (routed.detours == detours_max
        || !give_to_another(item, routed.single, false,
                            static_cast<unsigned char>(routed.detours + 1),
                            waits))
      local_.metrics.add(metric::queue_message_unhandled);
    return;
  }
  deliver_to(routed.single, {routed.message, routed.ids, routed.share,
                             routed.quality, routed.retain, waits});
}

// -- share groups ------------------------------------------------------------

void router::route_shared(const mqtt::message_ptr& message,
                          const shared_target& group, receipt_source* waits) {
  routed_message chosen;
  if (!choose(message, group, queue_id{}, false, chosen)) {
    local_.metrics.add(metric::queue_message_unhandled);
    return;
  }
  local_.metrics.add(metric::router_matches_local);
  const auto reactor = chosen.single.reactor();
  hand_over(reactor, std::move(chosen), waits);
}

bool router::choose(const mqtt::message_ptr& message,
                    const shared_target& group, queue_id excluded,
                    bool online_only, routed_message& chosen) {
  const auto& config = *local_.config;
  const auto load_of = [this](queue_id queue) {
    return local_.node.load_of(queue);
  };
  const auto position = select_member(
    group,
    {.policy = config.messaging.shares,
     .publisher = message->publisher(),
     .topic_name = message->topic_name(),
     .quality = message->quality(),
     .upgrade_outgoing_qos = config.limits.upgrade_outgoing_qos,
     .excluded = excluded,
     .random = next_random(random_state_)},
    load_of);
  if (!position)
    return false;
  const auto& member = (*group.members)[*position];
  if (online_only && !load_of(member.queue).is_online)
    return false;
  chosen.message = message;
  chosen.single = member.queue;
  chosen.share = group.id();
  chosen.quality = effective_quality(*message, member.options.quality,
                                     config.limits.upgrade_outgoing_qos);
  chosen.retain = message->retain() && member.options.retain_as_published;
  chosen.ids = group.members->ids_of(*position);
  return true;
}

bool router::redistribute(const mqtt::delivery& item, queue_id excluded,
                          bool online_only, receipt_source* waits) {
  if (!give_to_another(item, excluded, online_only, 0, waits))
    return false;
  local_.metrics.add(metric::shared_redistributed);
  return true;
}

bool router::give_to_another(const mqtt::delivery& item, queue_id excluded,
                             bool online_only, unsigned char detours,
                             receipt_source* waits) {
  const auto group
    = local_.node.subscriptions.find_group(local_.home.index(), item.share);
  if (!group)
    return false;
  routed_message chosen;
  if (!choose(item.message, *group, excluded, online_only, chosen))
    return false;
  chosen.detours = detours;
  const auto reactor = chosen.single.reactor();
  hand_over(reactor, std::move(chosen), waits);
  return true;
}

} // namespace hetzel::messaging
