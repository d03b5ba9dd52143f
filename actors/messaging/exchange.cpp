#include "actors/messaging/exchange.hpp"

#include "actors/messaging/hooks/decision.hpp"
#include "actors/messaging/hooks/gatekeeper.hpp"
#include "actors/messaging/hooks/identity.hpp"
#include "actors/messaging/retained_feed.hpp"
#include "actors/messaging/site.hpp"
#include "actors/messaging/storage/message_disk.hpp"
#include "actors/messaging/stored_records.hpp"
#include "actors/runtime/reactor_pool.hpp"
#include "plugins/guards/guards.hpp"
#include "protocol/topic.hpp"

#include <caf/send.hpp>

#include <array>
#include <chrono>
#include <limits>
#include <mutex>
#include <random>
#include <utility>

namespace hetzel::messaging {

namespace {

std::uint64_t random_seed() {
  std::random_device source;
  return std::uint64_t{source()} << 32 | source();
}

} // namespace

site::site(exchange& shared, runtime::reactor& on,
           std::shared_ptr<const live_config> initial)
  : node(shared),
    home(on),
    config(std::move(initial)),
    queues(static_cast<queue_id::reactor_type>(on.index())),
    router(*this),
    share_names(shared.subscriptions) {}

exchange::exchange(runtime::reactor_pool& reactors, live_config config,
                   std::unique_ptr<const mqtt::auth_methods> methods)
  : subscriptions({.reactors = reactors.size(), .hash_seed = random_seed()}),
    subscription_shards(subscriptions.shard_count()),
    retained_shards(reactors.size()),
    couriers(reactors.size()),
    registrars(reactors.size()),
    gates(reactors.size()),
    methods_(std::move(methods)),
    config_(std::make_shared<const live_config>(std::move(config))),
    assigned_prefix_(random_seed()) {
  for (std::size_t i = 0; i < reactors.size(); ++i) {
    retained.push_back(std::make_unique<retained_index>(
      retained_index_options{.hash_seed = subscriptions.hash_seed()}));
    loads.push_back(std::make_unique<queue_loads>());
  }
  sites_.resize(reactors.size());
  for (std::size_t i = 0; i < reactors.size(); ++i)
    sites_[i] = std::make_unique<site>(*this, reactors[i], config_);
}

exchange::~exchange() {
  // Receipts tell the sites of others: all of these are still there.
  for (const auto& one : sites_)
    one->storage.reset();
  // Batches that nobody took give their credit back to routers of other sites.
  for (const auto& one : sites_)
    static_cast<void>(one->inbox.take(std::numeric_limits<std::size_t>::max()));
}

void exchange::store_messages(message_disk& disk) {
  messages = &disk;
  for (const auto& one : sites_)
    one->storage = std::make_unique<journal>(*one, disk.shard_count());
}

std::shared_ptr<const live_config> exchange::config() const {
  const std::shared_lock guard{config_mutex_};
  return config_;
}

void exchange::set_config(live_config config) {
  const auto next = std::make_shared<const live_config>(std::move(config));
  {
    const std::unique_lock guard{config_mutex_};
    config_ = next;
  }
  for (const auto& one : sites_)
    one->home.post([place = one.get(), next] { place->config = next; });
}

// -- connect_policy ----------------------------------------------------------

mqtt::session_limits
exchange::limits(const net::listener_config& listener) const {
  auto limits = config()->limits;
  limits.allowed_versions = listener.allowed_versions;
  limits.connection_lifetime_max = listener.connection_lifetime_max;
  return limits;
}

site& exchange::local() noexcept {
  const auto* const here = runtime::reactor::current();
  return *sites_[here ? here->index() : 0];
}

bool exchange::welcomes(const net::accepted_socket& from) const {
  return guards == nullptr || !guards->bans().is_banned(from.peer);
}

std::optional<mqtt::judgement>
exchange::judge(mqtt::connect_request& request, net::accepted_socket& from,
                net::judgement_waiter& later) {
  if (!welcomes(from)
      || (guards != nullptr
          && guards->bans().is_banned(request.client_id, request.user_name)))
    return mqtt::judgement{mqtt::reason_code::banned};
  auto& here = local();
  if (sheds(shedding::refuse_connect)) {
    here.metrics.add(metric::overload_connect_refused);
    return mqtt::judgement{mqtt::reason_code::server_busy};
  }
  return messaging::judge({here.hooks, here.config, request, from, later});
}

std::unique_ptr<mqtt::auth_exchange>
exchange::start_auth(mqtt::bytes_view method,
                     const mqtt::connect_request& request,
                     const net::accepted_socket& from,
                     net::judgement_waiter& later) {
  return start_auth({local(), from.slot->config(), client_of(request, from),
                     method, request.client_id},
                    [waiter = later.wait()](const mqtt::auth_step& step) {
                      if (const auto whom = waiter.lock())
                        (*whom)->on_auth_step(step);
                    });
}

// -- plugins -----------------------------------------------------------------

void exchange::set_hooks(plugins::hook_table_ptr next) {
  for (const auto& one : sites_)
    one->home.post([place = one.get(), next] { place->hooks.replace(next); });
}

void exchange::tell_config_change(std::vector<std::string> keys) {
  auto& first = *sites_.front();
  first.home.post([&first, keys = std::move(keys)] {
    if (!first.hooks.has(plugins::hook::on_config_change,
                         plugins::hook_form::v5))
      return;
    const std::vector<mqtt::bytes_view> names{keys.begin(), keys.end()};
    notify<plugins::hook::on_config_change>(
      first.hooks, plugins::hook_form::v5, {names});
  });
}

/// A method of the node's own goes before those of plugins.
std::unique_ptr<mqtt::auth_exchange>
exchange::start_auth(const auth_party& party, on_auth_step later,
                     on_proved proved) const {
  if (methods_)
    if (auto own = methods_->start(party.method, party.client_id))
      return own;
  return start_hook_auth(party, std::move(later), std::move(proved));
}

std::string exchange::assign_client_id() {
  // Unguessable, so that nobody can take such a session over, and unique.
  static constexpr std::string_view digits = "0123456789abcdef";
  const std::array<std::uint64_t, 2> words{random_seed(),
                                           assigned_prefix_.fetch_add(1)};
  std::string id = "anon-";
  for (auto word : words)
    for (unsigned i = 0; i < 16; ++i, word >>= 4)
      id.push_back(digits[word & 15]);
  return id;
}

void exchange::admit(std::shared_ptr<net::accepted_client> client) {
  const subscriber_key key{client->mountpoint, client->request->client_id};
  caf::anon_send(registrars[home_of(key)].get(), std::move(client));
}

// -- shared state ------------------------------------------------------------

member_load exchange::load_of(queue_id queue) const noexcept {
  return loads[queue.reactor()]->get(queue);
}

/// Sessions live where their clients are: this node's own.
void exchange::on_metadata(const cluster::metadata_key& key,
                           std::optional<std::string_view> value) noexcept {
  if (key.kind != cluster::record_kind::retained)
    return;
  auto message = retained_message(
    key, value, at_wall_clock(std::chrono::steady_clock::now()));
  if (!message)
    return;
  auto changes = std::make_shared<retained_changes>();
  changes->messages.push_back(std::move(message));
  const auto shard = retained_shard_of(key.mountpoint, key.subject);
  caf::anon_send(retained_shards[shard].get(),
                 retained_changes_ptr{std::move(changes)});
}

void exchange::on_expired(std::size_t reactor, expired_messages found) {
  if (sites_[reactor]->expired.put(std::move(found)))
    caf::anon_send(couriers[reactor].get(), wake_atom_v);
}

std::uint32_t
exchange::retained_shard_of(mqtt::bytes_view mountpoint,
                            mqtt::bytes_view topic_name) const noexcept {
  std::optional<mqtt::bytes_view> rest = topic_name;
  const auto first_level = mqtt::next_level(rest);
  const std::hash<mqtt::bytes_view> hash;
  return static_cast<std::uint32_t>((hash(mountpoint) * 31 + hash(first_level))
                                    % retained.size());
}

std::pair<std::uint32_t, std::uint32_t>
exchange::retained_shards_of(mqtt::bytes_view mountpoint,
                             mqtt::bytes_view topic_filter) const noexcept {
  if (topic_filter.starts_with('+') || topic_filter.starts_with('#'))
    return {0, static_cast<std::uint32_t>(retained.size() - 1)};
  const auto shard = retained_shard_of(mountpoint, topic_filter);
  return {shard, shard};
}

} // namespace hetzel::messaging
