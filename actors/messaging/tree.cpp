#include "actors/messaging/tree.hpp"

#include "actors/messaging/courier.hpp"
#include "actors/messaging/exchange.hpp"
#include "actors/messaging/hooks/hook_caller.hpp"
#include "actors/messaging/overload/monitor.hpp"
#include "actors/messaging/registrar.hpp"
#include "actors/messaging/retained_feed.hpp"
#include "actors/messaging/retained_shard.hpp"
#include "actors/messaging/shard_contents.hpp"
#include "actors/messaging/site.hpp"
#include "actors/messaging/storage/journal_keeper.hpp"
#include "actors/messaging/storage/message_disk.hpp"
#include "actors/messaging/subscription_shard.hpp"
#include "actors/net/type_ids.hpp"
#include "actors/runtime/reactor_pool.hpp"
#include "plugins/type_ids.hpp"

#include <caf/actor_cast.hpp>
#include <caf/init_global_meta_objects.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace hetzel::messaging {

namespace {

/// For a registrar or an orphan that was killed to be gone.
constexpr std::chrono::seconds orphan_deadline{1};

/// A permanent child whose current handle stands in `place`.
template <class Handle, class Start>
runtime::child_spec published(std::string name,
                              runtime::handle_slot<Handle>& place,
                              Start start) {
  runtime::child_spec spec;
  spec.name = std::move(name);
  spec.start = [start = std::move(start)]() mutable {
    return caf::actor_cast<caf::strong_actor_ptr>(start());
  };
  spec.on_started = [&place](const caf::strong_actor_ptr& started) {
    place.set(caf::actor_cast<Handle>(started));
  };
  return spec;
}

std::string numbered(const char* name, std::size_t number) {
  return std::string{name} + '-' + std::to_string(number);
}

runtime::child_spec
subscription_shard_child(runtime::reactor_pool& reactors, exchange& node,
                         std::size_t shard) {
  auto& home = reactors[shard % reactors.size()];
  return published("subscription_shard-" + std::to_string(shard),
                   node.subscription_shards[shard],
                   [&home, &node, shard] {
                     // Not a count of starts: a supervisor that is restarted
                     // too begins to count anew.
                     const bool is_restart{
                       node.subscription_shards[shard].get()};
                     return spawn_subscription_shard(
                       home, node, static_cast<shard_index>(shard),
                       is_restart);
                   });
}

runtime::supervisor_spec subscriptions(runtime::reactor_pool& reactors,
                                       exchange& node) {
  runtime::supervisor_spec spec;
  spec.name = "subscriptions";
  for (std::size_t i = 0; i < node.subscription_shards.size(); ++i)
    spec.children.push_back(subscription_shard_child(reactors, node, i));
  return spec;
}

runtime::supervisor_spec retained(runtime::reactor_pool& reactors,
                                  exchange& node) {
  runtime::supervisor_spec spec;
  spec.name = "retained";
  for (std::size_t i = 0; i < node.retained_shards.size(); ++i) {
    auto& local = node.site_of(i % reactors.size());
    spec.children.push_back(
      published(numbered("retained_shard", i), node.retained_shards[i],
                [&local, i] {
                  return spawn_retained_shard(local.home, local, i);
                }));
  }
  return spec;
}

/// What came while there was no courier woke nobody.
runtime::child_spec courier_child(exchange& node, std::size_t index) {
  auto& local = node.site_of(index);
  auto spec = published("courier", node.couriers[index], [&local] {
    return spawn_courier(local.home, local);
  });
  spec.on_started = [publish = std::move(spec.on_started)](
                      const caf::strong_actor_ptr& started) {
    publish(started);
    caf::anon_send(caf::actor_cast<courier>(started), wake_atom_v);
  };
  return spec;
}

runtime::child_spec keeper_child(site& local) {
  runtime::child_spec spec;
  spec.name = "journal_keeper";
  spec.start = [&local] {
    return caf::actor_cast<caf::strong_actor_ptr>(
      spawn_journal_keeper(local.home, local));
  };
  return spec;
}

runtime::child_spec hook_caller_child(site& local) {
  runtime::child_spec spec;
  spec.name = "hook_caller";
  spec.start = [&local] {
    return caf::actor_cast<caf::strong_actor_ptr>(
      spawn_hook_caller(local.home, local));
  };
  return spec;
}

runtime::child_spec monitor_child(caf::actor_system& system, exchange& node) {
  runtime::child_spec spec;
  spec.name = "overload_monitor";
  spec.start = [&system, &node] {
    return caf::actor_cast<caf::strong_actor_ptr>(
      spawn_overload_monitor(system, node));
  };
  return spec;
}

runtime::child_spec registrar_child(exchange& node, std::size_t index) {
  auto& local = node.site_of(index);
  auto spec = published("registrar", node.registrars[index], [&local] {
    return spawn_registrar(local.home, local);
  });
  spec.type = runtime::child_type::supervisor;
  return spec;
}

runtime::supervisor_spec of_reactor(exchange& node, std::size_t index,
                                    net::connect_gate_options gate) {
  auto& local = node.site_of(index);
  runtime::supervisor_spec spec;
  spec.name = numbered("reactor", index);
  // Each of the five may fail, and one of them twice.
  spec.intensity.restarts_max = 6;
  spec.children.push_back(courier_child(node, index));
  if (local.storage)
    spec.children.push_back(keeper_child(local));
  spec.children.push_back(hook_caller_child(local));
  spec.children.push_back(registrar_child(node, index));
  spec.children.push_back(
    published("connect_gate", node.gates[index], [&local, &node, gate] {
      return net::spawn_connect_gate(local.home, gate, node, local.traffic);
    }));
  return spec;
}

} // namespace

runtime::supervisor_spec storage_supervisor(caf::actor_system& system,
                                            message_disk& disk) {
  runtime::supervisor_spec spec;
  spec.name = "storage";
  // Shards tell each other of bodies.
  spec.strategy = runtime::restart_strategy::one_for_all;
  for (std::size_t i = 0; i < disk.shard_count(); ++i)
    spec.children.push_back(
      published(numbered("store_writer", i), disk.writer(i),
                [&system, &disk, i] {
                  return spawn_store_writer(system, disk, i);
                }));
  return spec;
}

runtime::supervisor_spec messaging_supervisor(caf::actor_system& system,
                                              runtime::reactor_pool& reactors,
                                              exchange& node,
                                              tree_options options) {
  runtime::supervisor_spec spec;
  spec.name = "messaging";
  spec.children.push_back(
    runtime::supervisor_child(system, subscriptions(reactors, node)));
  spec.children.push_back(
    runtime::supervisor_child(system, retained(reactors, node)));
  const net::connect_gate_options gate{
    .pending_max = options.pending_connects_max / node.reactor_count() + 1};
  for (std::size_t i = 0; i < node.reactor_count(); ++i)
    spec.children.push_back(
      runtime::supervisor_child(system, of_reactor(node, i, gate)));
  spec.children.push_back(monitor_child(system, node));
  // Each may fail, and one of them twice.
  spec.intensity.restarts_max = spec.children.size() + 1;
  return spec;
}

void end_orphans(exchange& node, caf::scoped_actor& self) {
  for (std::size_t i = 0; i < node.reactor_count(); ++i)
    for (const auto& one : node.site_of(i).orphans.take_last(orphan_deadline)) {
      self->monitor(one);
      self->send_exit(one, caf::exit_reason::kill);
      self->receive([](const caf::down_msg&) {},
                    caf::after(orphan_deadline) >> [] {});
    }
}

void register_types() {
  plugins::register_types();
  caf::init_global_meta_objects<caf::id_block::hetzel_net>();
  caf::init_global_meta_objects<caf::id_block::hetzel_messaging>();
}

} // namespace hetzel::messaging
