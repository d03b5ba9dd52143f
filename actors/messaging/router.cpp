#include "actors/messaging/router.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/queue.hpp"
#include "actors/messaging/site.hpp"
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

reason_code router::publish(const mqtt::message_ptr& message) {
  auto matched = cache_.match(message->mountpoint(), message->topic_name());
  if (matched->empty())
    return reason_code::no_matching_subscribers;
  for (const auto& group : matched->shared())
    route_shared(message, group);
  const auto targets = matched->targets();
  if (targets.empty())
    return reason_code::success;
  local_.metrics.add(metric::router_matches_local, targets.size());
  // Targets are in the order of their reactors: first and last tell whether
  // there is more than one.
  if (targets.front().queue.reactor() == targets.back().queue.reactor()) {
    hand_over(targets.front().queue.reactor(),
              routed_message::to_all(message, std::move(matched)));
    return reason_code::success;
  }
  matched->for_each_reactor([&](queue_id::reactor_type reactor, auto) {
    hand_over(reactor, routed_message::to_all(message, matched));
  });
  return reason_code::success;
}

void router::hand_over(queue_id::reactor_type reactor, routed_message routed) {
  if (reactor == local_.home.index()) {
    deliver_here(routed);
    return;
  }
  couriers_[reactor].add(std::move(routed));
}

void router::retain(const mqtt::message_ptr& message) {
  const auto shard = local_.node.retained_shard_of(message->mountpoint(),
                                                   message->topic_name());
  retained_[shard].add(message);
}

void router::flush() {
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

void router::deliver_here(const routed_message& routed) {
  if (!routed.targets)
    return deliver_single(routed);
  const auto reactor
    = static_cast<queue_id::reactor_type>(local_.home.index());
  const auto& set = *routed.targets;
  const auto publisher = routed.message->publisher();
  for (const auto& target : set.targets_of(reactor))
    if (const auto* effective = set.for_publisher(target, publisher))
      deliver_to(target.queue, routed.message, *effective,
                 set.ids_of(*effective));
}

void router::deliver_to(queue_id id, const mqtt::message_ptr& message,
                        const match_target& target,
                        const mqtt::subscription_ids& ids) {
  auto* owner = local_.queues.find(id);
  if (!owner) {
    local_.metrics.add(metric::delivery_stale);
    return;
  }
  const bool upgrade = local_.config->limits.upgrade_outgoing_qos;
  try {
    owner->deliver({message, ids, 0,
                    effective_quality(*message, target.quality, upgrade),
                    message->retain() && target.retain_as_published});
  } catch (const std::exception& failure) {
    owner->fail(failure.what());
  }
}

void router::deliver_single(const routed_message& routed) {
  auto* owner = local_.queues.find(routed.single);
  if (!owner || owner->is_retired()) {
    // It left after it was chosen, or is just giving this away.
    local_.metrics.add(metric::delivery_stale);
    const mqtt::delivery item{routed.message, routed.ids, routed.share,
                              routed.quality, routed.retain};
    if (routed.detours == detours_max
        || !give_to_another(item, routed.single, false,
                            static_cast<unsigned char>(routed.detours + 1)))
      local_.metrics.add(metric::queue_message_unhandled);
    return;
  }
  try {
    owner->deliver({routed.message, routed.ids, routed.share, routed.quality,
                    routed.retain});
  } catch (const std::exception& failure) {
    owner->fail(failure.what());
  }
}

// -- share groups ------------------------------------------------------------

void router::route_shared(const mqtt::message_ptr& message,
                          const shared_target& group) {
  routed_message chosen;
  if (!choose(message, group, queue_id{}, false, chosen)) {
    local_.metrics.add(metric::queue_message_unhandled);
    return;
  }
  local_.metrics.add(metric::router_matches_local);
  const auto reactor = chosen.single.reactor();
  hand_over(reactor, std::move(chosen));
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
                          bool online_only) {
  if (!give_to_another(item, excluded, online_only, 0))
    return false;
  local_.metrics.add(metric::shared_redistributed);
  return true;
}

bool router::give_to_another(const mqtt::delivery& item, queue_id excluded,
                             bool online_only, unsigned char detours) {
  const auto group
    = local_.node.subscriptions.find_group(local_.home.index(), item.share);
  if (!group)
    return false;
  routed_message chosen;
  if (!choose(item.message, *group, excluded, online_only, chosen))
    return false;
  chosen.detours = detours;
  const auto reactor = chosen.single.reactor();
  hand_over(reactor, std::move(chosen));
  return true;
}

} // namespace hetzel::messaging
