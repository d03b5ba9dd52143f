#pragma once

#include "actors/messaging/config.hpp"
#include "actors/messaging/delivery_batch.hpp"
#include "actors/messaging/hooks/hook_auth.hpp"
#include "actors/runtime/handle_slot.hpp"
#include "actors/messaging/index/retained_index.hpp"
#include "actors/messaging/index/subscription_table.hpp"
#include "actors/messaging/interfaces.hpp"
#include "actors/messaging/queue_loads.hpp"
#include "actors/messaging/storage/expired_messages.hpp"
#include "actors/messaging/subscriber_key.hpp"
#include "actors/net/accepted_client.hpp"
#include "actors/net/connect_gate.hpp"
#include "cluster/metadata/metadata_change.hpp"
#include "persistence/key_value_store.hpp"
#include "plugins/api/hook_table.hpp"
#include "protocol/session/auth_method.hpp"
#include "protocol/session/limits.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hetzel::runtime {
class reactor;
class reactor_pool;
} // namespace hetzel::runtime

namespace hetzel::cluster {
class metadata;
} // namespace hetzel::cluster

namespace hetzel::plugins {
class guards;
} // namespace hetzel::plugins

namespace hetzel::messaging {

class message_disk;
struct site;

/// What can change while the node runs; replaced as a whole.
struct live_config {
  messaging_config messaging;
  mqtt::session_limits limits;
};

/// What all messaging actors of a node share: the subscription table that is
/// read in place, the retained messages, the current handles of the actors
/// that can be restarted, and one site per reactor. Owns no actor. Outlives
/// them all.
class exchange final : public net::connect_policy,
                       public cluster::metadata_listener,
                       public expiry_listener {
public:
  exchange(runtime::reactor_pool& reactors, live_config config,
           std::unique_ptr<const mqtt::auth_methods> methods);
  ~exchange() override;

  [[nodiscard]] std::size_t reactor_count() const noexcept {
    return sites_.size();
  }

  [[nodiscard]] site& site_of(std::size_t reactor) noexcept {
    return *sites_[reactor];
  }

  /// The reactor that a subscriber's queue and session live on.
  [[nodiscard]] std::size_t home_of(const subscriber_key& key) const noexcept {
    return key.hash() % sites_.size();
  }

  // -- configuration ---------------------------------------------------------

  /// From any thread; sessions and queues keep what they were made with.
  [[nodiscard]] std::shared_ptr<const live_config> config() const;
  void set_config(live_config config);

  // -- connect_policy --------------------------------------------------------

  [[nodiscard]] mqtt::session_limits
  limits(const net::listener_config& listener) const override;
  [[nodiscard]] bool
  welcomes(const net::accepted_socket& from) const override;
  [[nodiscard]] std::optional<mqtt::judgement>
  judge(mqtt::connect_request& request, net::accepted_socket& from,
        net::judgement_waiter& later) override;
  [[nodiscard]] std::unique_ptr<mqtt::auth_exchange>
  start_auth(mqtt::bytes_view method, const mqtt::connect_request& request,
             const net::accepted_socket& from,
             net::judgement_waiter& later) override;
  [[nodiscard]] std::string assign_client_id() override;
  void admit(std::shared_ptr<net::accepted_client> client) override;

  // -- plugins ---------------------------------------------------------------

  /// Other chains, from the next packet of each client on. From any thread.
  void set_hooks(plugins::hook_table_ptr next);

  /// Tells `on_config_change`. From any thread.
  void tell_config_change(std::vector<std::string> keys);

  /// An exchange of enhanced authentication; null: there is no such method.
  [[nodiscard]] std::unique_ptr<mqtt::auth_exchange>
  start_auth(const auth_party& party, on_auth_step later,
             on_proved proved = nullptr) const;

  // -- metadata_listener -----------------------------------------------------

  void
  on_metadata(const cluster::metadata_key& key,
              std::optional<std::string_view> value) noexcept override;

  // -- expiry_listener -------------------------------------------------------

  [[nodiscard]] std::size_t
  reactor_of(const subscriber_key& key) const override {
    return home_of(key);
  }
  void on_expired(std::size_t reactor, expired_messages found) override;

  // -- overload --------------------------------------------------------------

  /// From any thread.
  [[nodiscard]] bool sheds(shedding what) const noexcept {
    return (shedding_.load(std::memory_order_relaxed)
            & static_cast<shedding_set>(what))
           != 0;
  }
  [[nodiscard]] messaging::overload_level overload_level() const noexcept {
    return overload_level_;
  }
  /// By the monitor.
  void shed(messaging::overload_level level, shedding_set actions) noexcept {
    overload_level_ = level;
    shedding_ = actions;
  }

  // -- shared state ----------------------------------------------------------

  /// Who is banned; null: nobody. Set before the actors start; outlives them.
  plugins::guards* guards = nullptr;

  /// Where Sessions and retained messages are kept; null: nowhere, and nothing
  /// outlives the process. Set before the actors start; outlives them.
  cluster::metadata* metadata = nullptr;

  /// Where the messages of lasting Sessions are kept; null: in memory only.
  /// Set by `store_messages`.
  message_disk* messages = nullptr;
  /// What publishers wait for whose listener does not say.
  net::message_durability message_durability
    = net::message_durability::written;

  /// What publishers of that listener wait for.
  [[nodiscard]] net::message_durability
  durability_of(const net::listener_config& listener) const noexcept {
    return listener.message_durability.value_or(message_durability);
  }

  /// Before the actors start; `disk` outlives them.
  void store_messages(message_disk& disk);

  [[nodiscard]] member_load load_of(queue_id queue) const noexcept;

  /// Retained messages are sharded by the first level of their topic.
  [[nodiscard]] std::uint32_t
  retained_shard_of(mqtt::bytes_view mountpoint,
                    mqtt::bytes_view topic_name) const noexcept;

  /// First and last of the shards that a filter can match in.
  [[nodiscard]] std::pair<std::uint32_t, std::uint32_t>
  retained_shards_of(mqtt::bytes_view mountpoint,
                     mqtt::bytes_view topic_filter) const noexcept;

  subscription_table subscriptions;
  /// One per retained shard; used by that shard's actor only.
  std::vector<std::unique_ptr<retained_index>> retained;
  /// Of all shards together, for the limits.
  std::atomic<std::size_t> retained_count{0};
  std::atomic<std::size_t> retained_bytes{0};
  /// By reactor; written by its owner.
  std::vector<std::unique_ptr<queue_loads>> loads;
  /// Sessions of the node, connected or not.
  std::atomic<std::size_t> sessions{0};
  /// Sessions from the metadata that the index does not know yet.
  std::atomic<std::size_t> restoring{0};
  /// The node does not know all of its former life yet.
  std::atomic<bool> is_restoring{false};
  /// Wills that were published and that the metadata is still to forget: the
  /// next life would publish them again.
  std::atomic<std::size_t> wills_under_way{0};

  // -- current handles; supervisors set them at each start --------------------

  std::vector<runtime::handle_slot<subscription_shard>> subscription_shards;
  std::vector<runtime::handle_slot<retained_shard>> retained_shards;
  std::vector<runtime::handle_slot<courier>> couriers;
  std::vector<runtime::handle_slot<registrar>> registrars;
  std::vector<runtime::handle_slot<net::connect_gate>> gates;

private:
  /// Of the calling reactor.
  [[nodiscard]] site& local() noexcept;

  std::vector<std::unique_ptr<site>> sites_;
  std::unique_ptr<const mqtt::auth_methods> methods_;
  mutable std::shared_mutex config_mutex_;
  std::shared_ptr<const live_config> config_;
  std::atomic<std::uint64_t> assigned_prefix_;
  std::atomic<messaging::overload_level> overload_level_{
    messaging::overload_level::none};
  std::atomic<shedding_set> shedding_{0};
};

} // namespace hetzel::messaging
