#include "test/support/messaging_node.hpp"

#include "actors/messaging/tree.hpp"
#include "actors/net/listener.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/register_types.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>

#include <stdexcept>
#include <utility>

namespace hetzel::test {

namespace {

const bool types_are_registered = [] {
  runtime::register_types();
  cluster::register_types();
  messaging::register_types();
  // Tests provoke failures; their lines would only hide the one that matters.
  runtime::log::set_threshold(runtime::log::level::off);
  return true;
}();

net::listener_config loopback() {
  net::listener_config config;
  config.name = "tcp.test";
  config.address = "127.0.0.1";
  return config;
}

std::shared_ptr<const net::listening_socket> open_socket() {
  auto opened = net::listening_socket::open(loopback());
  if (!opened)
    throw std::runtime_error{opened.error()};
  return std::make_shared<const net::listening_socket>(std::move(*opened));
}

runtime::child_spec
listener_child(messaging::site& local,
               std::shared_ptr<const net::listening_socket> socket) {
  auto context = std::make_shared<net::listener_context>();
  context->config = loopback();
  runtime::child_spec spec;
  spec.name = "listener";
  spec.start = [&local, socket = std::move(socket),
                context = std::move(context)] {
    auto next_gate = [&gates = local.node.gates,
                      turn = std::size_t{0}]() mutable {
      return gates[turn++ % gates.size()].get();
    };
    return caf::actor_cast<caf::strong_actor_ptr>(net::spawn_listener(
      local.home, socket, context, std::move(next_gate), local.traffic));
  };
  return spec;
}

/// Threads share their work in quiet times.
runtime::reactor_options as_shipped() {
  runtime::reactor_options options;
  options.compaction.is_on = true;
  return options;
}

} // namespace

messaging::live_config open_config() {
  messaging::live_config config;
  config.messaging.allow_anonymous = true;
  return config;
}

messaging_site::messaging_site(std::size_t reactors,
                               messaging::live_config from)
  : system(settings),
    pool(std::make_unique<runtime::reactor_pool>(system, reactors,
                                                 as_shipped())),
    exchange(*pool, std::move(from), nullptr),
    self(system) {}

messaging_site::~messaging_site() {
  pool.reset();
}

std::uint64_t messaging_site::count(messaging::metric which) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < exchange.reactor_count(); ++i)
    sum += exchange.site_of(i).metrics.value(which);
  return sum;
}

messaging_node::messaging_node(messaging::live_config from,
                               std::shared_ptr<metadata_disk> on)
  : messaging_site(2, std::move(from)),
    disk(std::move(on)),
    socket(open_socket()),
    root(start()),
    probe(caf::actor_cast<caf::strong_actor_ptr>(root)) {}

runtime::supervisor_actor messaging_node::start() {
  runtime::supervisor_spec spec;
  spec.name = "node";
  if (disk) {
    messaging::message_disk::stores shards;
    shards.push_back(disk->open_messages());
    messages = messaging::message_disk::open(std::move(shards)).value();
    exchange.store_messages(*messages);
    spec.children.push_back(runtime::supervisor_child(
      system, messaging::storage_supervisor(system, *messages)));
    metadata.emplace(disk->open(), disk->identify(), &exchange);
    exchange.metadata = &*metadata;
    spec.children.push_back(runtime::supervisor_child(
      system, cluster::metadata_supervisor(system, *metadata, {})));
  }
  pool->start();
  spec.children.push_back(runtime::supervisor_child(
    system, messaging::messaging_supervisor(system, *pool, exchange, {})));
  auto started = runtime::spawn_supervisor(system, std::move(spec));
  self
    ->request(started, node_probe::patience, runtime::started_atom_v)
    .receive([] {},
             [](const caf::error& why) {
               throw std::runtime_error{to_string(why)};
             });
  restored = messaging::restore(exchange, self).value();
  const auto listener = std::make_shared<const runtime::child_spec>(
    listener_child(local(), socket));
  self
    ->request(started, node_probe::patience, runtime::start_child_atom_v,
              listener)
    .receive([](const caf::strong_actor_ptr&) {},
             [](const caf::error& why) {
               throw std::runtime_error{to_string(why)};
             });
  return started;
}

messaging_node::~messaging_node() {
  if (disk)
    disk->release();
  self->send_exit(root, caf::exit_reason::user_shutdown);
  self->wait_for(root);
  messaging::end_orphans(exchange, self);
}

std::string messaging_node::id_on(std::size_t reactor,
                                  std::string_view stem) const {
  for (std::size_t i = 0;; ++i) {
    auto id = std::string{stem} + '-' + std::to_string(i);
    if (exchange.home_of({"", id}) == reactor)
      return id;
  }
}

caf::strong_actor_ptr messaging_node::actor(std::string_view kind,
                                            std::size_t reactor) const {
  for (const auto& node : probe.all(kind))
    if (node.description.reactor == reactor)
      return node.listing.actor;
  return nullptr;
}

bool messaging_node::is_restarted(std::string_view kind, std::size_t reactor,
                                  const caf::strong_actor_ptr& former) const {
  return node_probe::eventually([&] {
    const auto now = actor(kind, reactor);
    return now && now != former;
  });
}

bool messaging_node::restart(std::string_view kind, std::size_t reactor) {
  const auto former = actor(kind, reactor);
  node_probe::kill(former);
  return is_restarted(kind, reactor, former);
}

} // namespace hetzel::test
