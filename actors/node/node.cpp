#include "actors/node/node.hpp"

#include "actors/admin/control_server.hpp"
#include "actors/messaging/exchange.hpp"
#include "actors/messaging/restore.hpp"
#include "actors/messaging/site.hpp"
#include "actors/messaging/storage/message_disk.hpp"
#include "actors/messaging/tree.hpp"
#include "actors/net/listener_keeper.hpp"
#include "actors/net/listener_set.hpp"
#include "actors/node/commands.hpp"
#include "actors/node/control_desk.hpp"
#include "actors/node/directory_layout.hpp"
#include "actors/node/plugin_wiring.hpp"
#include "actors/node/test_auth_method.hpp"
#include "actors/runtime/exit_messages.hpp"
#include "actors/runtime/handle_slot.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/reactor_pool.hpp"
#include "actors/runtime/register_types.hpp"
#include "actors/runtime/supervisor.hpp"
#include "cluster/metadata/metadata.hpp"
#include "persistence/leveldb_store.hpp"
#include "plugins/guards/guards.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>

namespace hetzel::node {

namespace {

/// How long each step of the stop may take before the next one begins.
constexpr std::chrono::seconds step_timeout{10};
/// Children of the root that come when the others are ready: admin, listeners
/// and their keeper.
constexpr std::size_t started_later = 3;
/// How long the last bytes of connections may take.
constexpr std::chrono::seconds linger_timeout{2};
constexpr std::chrono::milliseconds linger_check{5};

void register_all_types() {
  static std::once_flag once;
  std::call_once(once, [] {
    runtime::register_types();
    cluster::register_types();
    messaging::register_types();
    admin::register_types();
    register_types();
  });
}

/// CAF's own threads run supervisors only: one is enough, and it must not poll.
struct system_config : caf::actor_system_config {
  system_config() {
    set("caf.scheduler.policy", "sharing");
    set("caf.scheduler.max-threads", 1);
  }
};

messaging::live_config live(const node_config& config) {
  return {config.messaging, config.limits};
}

std::unique_ptr<const mqtt::auth_methods> methods(const node_config& config) {
  return config.enhanced_auth_test_method ? make_test_auth_methods() : nullptr;
}

runtime::reactor_options options(const node_config& config) {
  runtime::reactor_options chosen;
  chosen.compaction.is_on = config.reactor_compaction;
  return chosen;
}

std::uint64_t random_bits() {
  static std::random_device source;
  return std::uint64_t{source()} << 32U | source();
}

struct failure_report {
  std::function<void()> act;
  std::atomic<bool> has_come{false};
};

} // namespace

struct node::implementation {
  explicit implementation(node_config from)
    : config(std::move(from)),
      guards(config.data_dir, config.guards.bans),
      system(settings),
      pool(std::make_unique<runtime::reactor_pool>(system, config.reactors,
                                                   options(config))),
      reactors(*pool),
      exchange(reactors, live(config), methods(config)),
      plugins(system, exchange, guards),
      listeners(wire_listeners()) {}

  /// What still hangs on a reactor, such as a socket that is being closed, uses
  /// the counters of the exchange to its end: the reactors go first.
  ~implementation() { pool.reset(); }

  [[nodiscard]] mqtt::expected<void, std::string> open_metadata();
  [[nodiscard]] mqtt::expected<void, std::string> open_messages();
  [[nodiscard]] mqtt::expected<void, std::string> open_control();
  [[nodiscard]] net::listener_wiring wire_listeners();
  [[nodiscard]] runtime::child_spec listener_keeper_child();
  [[nodiscard]] mqtt::expected<void, std::string> start_tree();
  [[nodiscard]] mqtt::expected<void, std::string>
  restore(caf::scoped_actor& self);
  [[nodiscard]] std::vector<bound_listener> bound_listeners() const;
  [[nodiscard]] mqtt::expected<void, std::string>
  start_behind(caf::scoped_actor& self, runtime::child_spec child);
  void watch_root();
  void stop_listeners(caf::scoped_actor& self);
  void end_sessions(caf::scoped_actor& self);
  void await_lingering();
  void await_storage();
  void stop_tree(caf::scoped_actor& self);

  node_config config;
  /// Outlives its plugins, which are actors.
  plugins::guards guards;
  system_config settings;
  caf::actor_system system;
  std::unique_ptr<runtime::reactor_pool> pool;
  runtime::reactor_pool& reactors;
  messaging::exchange exchange;
  plugin_wiring plugins;
  std::optional<cluster::metadata> metadata;
  std::unique_ptr<messaging::message_disk> messages;
  net::listener_set listeners;
  runtime::handle_slot<net::listener_keeper> keeper;
  std::function<void(admin::reply)> reload;
  /// Null: it is switched off.
  std::unique_ptr<control_desk> control;
  std::optional<runtime::supervisor_actor> root;
  bool is_running = false;
  /// Of the root, which may end a moment after this.
  std::shared_ptr<failure_report> failure
    = std::make_shared<failure_report>();
};

node::node(node_config config) {
  register_all_types();
  impl_ = std::make_unique<implementation>(std::move(config));
}

node::~node() {
  stop();
}

mqtt::expected<void, std::string> node::start() {
  if (auto bound = impl_->listeners.open(impl_->config.listeners); !bound)
    return bound;
  if (auto opened = impl_->open_metadata(); !opened)
    return opened;
  if (auto opened = impl_->open_messages(); !opened)
    return opened;
  if (auto opened = impl_->guards.open(); !opened)
    return opened;
  impl_->exchange.guards = &impl_->guards;
  if (auto opened = impl_->open_control(); !opened)
    return opened;
  impl_->reactors.start();
  if (impl_->control)
    impl_->control->start();
  impl_->is_running = true;
  auto started = impl_->start_tree();
  if (!started)
    stop();
  return started;
}

void node::on_failure(std::function<void()> act) {
  impl_->failure->act = std::move(act);
}

void node::on_reload(std::function<void(admin::reply)> act) {
  impl_->reload = std::move(act);
}

bool node::has_failed() const noexcept {
  return impl_->failure->has_come;
}

std::vector<bound_listener> node::listeners() const {
  return impl_->bound_listeners();
}

net::listener_set& node::listener_set() noexcept {
  return impl_->listeners;
}

std::vector<std::string>
node::reload(const node_config& config,
             const std::vector<std::string>& changed) {
  impl_->exchange.set_config(live(config));
  impl_->plugins.reload(config);
  if (!changed.empty())
    impl_->exchange.tell_config_change(changed);
  return impl_->listeners.apply(config.listeners);
}

plugins::guards& node::guards() noexcept {
  return impl_->guards;
}

void node::stop() {
  if (!std::exchange(impl_->is_running, false))
    return;
  {
    caf::scoped_actor self{impl_->system};
    impl_->stop_listeners(self);
    impl_->end_sessions(self);
    impl_->await_lingering();
    impl_->await_storage();
    impl_->stop_tree(self);
  }
  if (impl_->control)
    impl_->control->stop();
  impl_->reactors.stop();
}

caf::strong_actor_ptr node::root() const {
  return impl_->root ? caf::actor_cast<caf::strong_actor_ptr>(*impl_->root)
                     : nullptr;
}

// -- start -------------------------------------------------------------------

mqtt::expected<void, std::string> node::implementation::open_metadata() {
  const auto path = metadata_folder(config.data_dir).string();
  auto store = persistence::leveldb_store::open(path);
  if (!store)
    return mqtt::unexpected(std::move(store.error().message));
  const auto& met = (*store)->report();
  if (met.torn_bytes > 0)
    log::warning("metadata.torn", {{"path", path}, {"bytes", met.torn_bytes}});
  auto identity = cluster::open_identity(
    **store, {.power_lost = met.power_lost, .random = random_bits});
  if (!identity)
    return mqtt::unexpected(path + ": " + identity.error().message);
  metadata.emplace(std::move(*store), std::move(*identity), &exchange);
  exchange.metadata = &*metadata;
  return {};
}

/// The number of shards is that of the store that is there.
mqtt::expected<void, std::string> node::implementation::open_messages() {
  const auto shard_path = [this](std::size_t number) {
    return message_shard_folder(config.data_dir, number);
  };
  std::size_t shards = 0;
  while (std::filesystem::exists(shard_path(shards)))
    ++shards;
  if (shards == 0)
    shards = config.message_store_shards;
  messaging::message_disk::stores stores;
  for (std::size_t i = 0; i < shards; ++i) {
    auto store = persistence::leveldb_store::open(
      shard_path(i).string(), persistence::message_shard_options());
    if (!store)
      return mqtt::unexpected(std::move(store.error().message));
    if (const auto torn = (*store)->report().torn_bytes; torn > 0)
      log::warning("messages.torn", {{"shard", i}, {"bytes", torn}});
    stores.push_back(std::move(*store));
  }
  auto opened = messaging::message_disk::open(std::move(stores));
  if (!opened)
    return mqtt::unexpected(messages_folder(config.data_dir).string() + ": "
                            + opened.error());
  messages = std::move(*opened);
  exchange.message_durability = config.message_durability;
  exchange.store_messages(*messages);
  return {};
}

mqtt::expected<void, std::string> node::implementation::open_control() {
  if (!config.control_socket)
    return {};
  control = std::make_unique<control_desk>(
    system, static_cast<runtime::reactor_index>(reactors.size()));
  add_node_commands(
    control->commands(),
    {.system = system,
     .exchange = exchange,
     .nodename = config.nodename,
     .root = [this] { return caf::actor_cast<caf::strong_actor_ptr>(*root); },
     .listeners = [this] { return bound_listeners(); },
     .listener_set = listeners,
     .listener_work =
       [this](std::function<void()> work) {
         caf::anon_send(keeper.get(),
                        std::make_shared<const std::function<void()>>(
                          std::move(work)));
       },
     .checkpoint =
       [this](checkpoint_order_ptr what) { control->order(std::move(what)); },
     .reload = reload});
  return control->open(config.data_dir / *config.control_socket);
}

net::listener_wiring node::implementation::wire_listeners() {
  net::listener_wiring made{system, {}, {}};
  for (std::size_t i = 0; i < exchange.reactor_count(); ++i) {
    auto& local = exchange.site_of(i);
    made.homes.push_back({local.home, local.traffic});
  }
  made.gates = [this] {
    return [this, turn = std::size_t{0}]() mutable {
      return exchange.gates[turn++ % exchange.gates.size()].get();
    };
  };
  return made;
}

mqtt::expected<void, std::string> node::implementation::start_tree() {
  runtime::supervisor_spec spec;
  spec.name = "node";
  spec.children.push_back(runtime::supervisor_child(
    system, cluster::metadata_supervisor(
              system, *metadata, {.level = config.metadata_durability})));
  spec.children.push_back(runtime::supervisor_child(
    system, messaging::storage_supervisor(system, *messages)));
  spec.children.push_back(plugins.host_child(config));
  spec.children.push_back(runtime::supervisor_child(
    system, messaging::messaging_supervisor(
              system, reactors, exchange,
              {.pending_connects_max = config.pending_connects_max})));
  // Each may fail, and one of them twice.
  spec.intensity.restarts_max = spec.children.size() + started_later + 1;
  root = runtime::spawn_supervisor(system, std::move(spec));
  watch_root();
  mqtt::expected<void, std::string> outcome;
  caf::scoped_actor self{system};
  self->request(*root, step_timeout, runtime::started_atom_v)
    .receive([] {},
             [&](const caf::error& why) {
               outcome = mqtt::unexpected<std::string>("the node cannot start: "
                                                       + to_string(why));
             });
  if (outcome)
    outcome = restore(self);
  if (outcome && control)
    outcome = start_behind(
      self, runtime::supervisor_child(
              system, control->supervisor({&*metadata, messages.get(),
                                           config.data_dir})));
  // The last, so that no client meets a node that has not found its Sessions.
  if (outcome)
    outcome = start_behind(self, listeners.child());
  if (outcome)
    outcome = start_behind(self, listener_keeper_child());
  return outcome;
}

mqtt::expected<void, std::string>
node::implementation::restore(caf::scoped_actor& self) {
  const auto found = messaging::restore(exchange, self);
  if (!found)
    return mqtt::unexpected(
      metadata_folder(config.data_dir).string() + ": "
      + std::string{persistence::sentence(found.error())});
  log::info("node.restored", {{"sessions", found->sessions},
                              {"subscriptions", found->subscriptions},
                              {"retained", found->retained},
                              {"messages", found->messages},
                              {"outdated", found->outdated},
                              {"unreadable", found->unreadable}});
  return {};
}

mqtt::expected<void, std::string>
node::implementation::start_behind(caf::scoped_actor& self,
                                   runtime::child_spec child) {
  mqtt::expected<void, std::string> outcome;
  const auto name = child.name;
  self
    ->request(*root, step_timeout, runtime::start_child_atom_v,
              std::make_shared<const runtime::child_spec>(std::move(child)))
    .receive([](const caf::strong_actor_ptr&) {},
             [&](const caf::error& why) {
               outcome = mqtt::unexpected<std::string>(
                 name + ": cannot start: " + to_string(why));
             });
  return outcome;
}

std::vector<bound_listener> node::implementation::bound_listeners() const {
  std::vector<bound_listener> bound;
  for (const auto& one : listeners.list())
    bound.push_back({one.config.name, one.config.address, one.port});
  return bound;
}

void node::implementation::watch_root() {
  caf::actor_cast<caf::abstract_actor*>(*root)->attach_functor(
    [report = failure](const caf::error& reason) {
      if (!runtime::is_abnormal(reason))
        return;
      log::error("node.failed", {{"error", runtime::failure_text(reason)}});
      report->has_come = true;
      if (report->act)
        report->act();
    });
}

runtime::child_spec node::implementation::listener_keeper_child() {
  runtime::child_spec spec;
  spec.name = "listener_keeper";
  spec.start = [this] {
    return caf::actor_cast<caf::strong_actor_ptr>(net::spawn_listener_keeper(
      system, [this] { listeners.refresh_tls(); }, config.tls_check_interval));
  };
  spec.on_started = [this](const caf::strong_actor_ptr& started) {
    keeper.set(caf::actor_cast<net::listener_keeper>(started));
  };
  return spec;
}

// -- stop --------------------------------------------------------------------

void node::implementation::stop_listeners(caf::scoped_actor& self) {
  self
    ->request(*root, step_timeout, runtime::terminate_child_atom_v,
              std::string{"listeners"})
    .receive([] {},
             [](const caf::error& why) {
               log::warning("node.stop_listeners", {{"error", to_string(why)}});
             });
}

void node::implementation::end_sessions(caf::scoped_actor& self) {
  for (auto& place : exchange.registrars)
    self
      ->request(place.get(), step_timeout, messaging::shut_down_atom_v)
      .receive([] {},
               [](const caf::error& why) {
                 log::warning("node.end_sessions",
                              {{"error", to_string(why)}});
               });
}

void node::implementation::await_lingering() {
  const auto deadline = std::chrono::steady_clock::now() + linger_timeout;
  const auto open = [this] {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < exchange.reactor_count(); ++i)
      sum += exchange.site_of(i).traffic.lingering.value();
    return sum;
  };
  while (open() > 0 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(linger_check);
}

/// What the sessions left behind reaches the disk.
void node::implementation::await_storage() {
  const auto deadline = std::chrono::steady_clock::now() + step_timeout;
  const auto under_way = [this](std::size_t reactor) {
    std::promise<std::size_t> answer;
    auto& local = exchange.site_of(reactor);
    local.home.post([&] {
      local.storage->flush();
      answer.set_value(local.storage->under_way());
    });
    return answer.get_future().get();
  };
  for (std::size_t i = 0; i < exchange.reactor_count(); ++i)
    while ((under_way(i) > 0 || exchange.wills_under_way > 0)
           && std::chrono::steady_clock::now() < deadline)
      std::this_thread::sleep_for(linger_check);
}

void node::implementation::stop_tree(caf::scoped_actor& self) {
  self->send_exit(*root, caf::exit_reason::user_shutdown);
  self->wait_for(*root);
  messaging::end_orphans(exchange, self);
}

} // namespace hetzel::node
