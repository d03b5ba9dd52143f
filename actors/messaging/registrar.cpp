#include "actors/messaging/registrar.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/queue.hpp"
#include "actors/messaging/queue_actor.hpp"
#include "actors/messaging/session_actor.hpp"
#include "actors/messaging/restored_session.hpp"
#include "actors/messaging/shard_contents.hpp"
#include "actors/messaging/site.hpp"
#include "actors/messaging/stored_records.hpp"
#include "actors/net/accepted_client.hpp"
#include "actors/net/lingering_close.hpp"
#include "actors/runtime/dynamic_children.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/pinned.hpp"
#include "cluster/metadata/metadata.hpp"
#include "protocol/encoder.hpp"
#include "protocol/topic.hpp"

#include <caf/send.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace hetzel::messaging {

namespace {

using mqtt::reason_code;

constexpr std::chrono::seconds children_deadline{4};

class registrar_state {
public:
  static inline const char* name = "messaging.registrar";

  registrar_state(runtime::pinned_pointer<registrar> self, site* local)
    : self_(self), local_(local), children_(self) {
    local_->orphans.add_parent();
  }

  /// Killed, failed, or its supervisor gave up: the Sessions go on.
  ~registrar_state() { local_->orphans.leave(children_.release()); }

  registrar_state(const registrar_state&) = delete;
  registrar_state& operator=(const registrar_state&) = delete;

  registrar::behavior_type make_behavior() {
    adopt();
    self_->set_down_handler(
      [this](const caf::down_msg& message) { children_.on_down(message); });
    self_->set_exit_handler(
      [this](caf::exit_msg& message) { on_exit(std::move(message.reason)); });
    return {
      runtime::describing(self_, [this] { return snapshot(); }),
      [this](runtime::children_atom) { return children_.list(); },
      [this](const accepted_client_ptr& client) { on_client(client); },
      [this](const restored_sessions_ptr& restored) { on_restored(*restored); },
      [this](resubscribe_atom, std::uint32_t shard) {
        return on_resubscribe(shard);
      },
      [this](shut_down_atom) { on_shut_down(); },
    };
  }

private:
  runtime::state_entries snapshot() const {
    return {{"queues", std::to_string(local_->queues.size())},
            {"children", std::to_string(children_.size())},
            {"failures", std::to_string(children_.failures())}};
  }

  void on_client(const accepted_client_ptr& client) {
    const auto& request = *client->request;
    subscriber_key key{client->mountpoint, request.client_id};
    auto id = local_->queues.find(key);
    const auto* const owner = local_->queues.find(id);
    if (id && !owner) {
      // The queue is about to start; what it makes of us depends on its state.
      self_->send(caf::actor_cast<registrar>(self_->ctrl()), client);
      return;
    }
    cluster::metadata_write_ptr former;
    if (owner) {
      if (owner->is_recorded())
        former = delete_session(owner->key(), owner->subscriptions());
      take_over(id, request);
    }
    id = local_->queues.find(key);
    if (!id)
      id = make_queue(std::move(key), *client, std::move(former));
    if (!id)
      return;
    children_.spawn([&] {
      return spawn_session_actor(self_->home(), *local_, id, client);
    });
  }

  /// Ends the Session of that queue unless the CONNECT goes on with it.
  void take_over(queue_id id, const mqtt::connect_request& request) {
    auto* owner = local_->queues.find(id);
    if (!continues(request, *owner))
      owner->retire(reason_code::session_taken_over);
  }

  /// Whether the CONNECT goes on with the Session of that queue [MQTT-3.1.2-4]
  /// [MQTT-3.1.2-5].
  static bool continues(const mqtt::connect_request& request,
                        const queue& owner) {
    return !request.packet.clean_start
           && (!owner.is_online() || owner.outlives_connection());
  }

  queue_id make_queue(subscriber_key key, net::accepted_client& client,
                      cluster::metadata_write_ptr former) {
    auto& open = local_->node.sessions;
    const auto sessions_max = local_->config->messaging.max_sessions;
    queue_id id;
    if (open.fetch_add(1) < sessions_max)
      id = local_->queues.reserve(std::move(key));
    if (!id) {
      open.fetch_sub(1);
      refuse(client);
      return id;
    }
    children_.spawn([&] {
      return spawn_queue_actor(self_->home(), *local_, id,
                               {nullptr, former});
    });
    return id;
  }

  /// From the metadata at the node's start, and what a queue that failed left.
  void on_restored(const restored_sessions& restored) {
    if (children_.is_stopping())
      return;
    for (const auto& session : restored.sessions) {
      if (const auto id = local_->queues.find(session.key))
        discard(session, id);
      else
        restore(session);
    }
  }

  void restore(const restored_session& session) {
    const auto id = local_->queues.reserve(session.key);
    if (!id) {
      runtime::log::error("session.not_restored",
                          {{"client_id", session.key.client_id()}});
      return;
    }
    local_->node.sessions.fetch_add(1);
    if (!session.subscriptions.empty())
      local_->node.restoring.fetch_add(1);
    children_.spawn([&] {
      return spawn_queue_actor(
        self_->home(), *local_, id,
        {std::make_unique<const restored_session>(session), nullptr});
    });
  }

  /// A client was faster and has a Session without these subscriptions.
  void discard(const restored_session& session, queue_id id) {
    subscription_changes changes{std::string{session.key.mountpoint()}, {}};
    const auto* const owner = local_->queues.find(id);
    for (const auto& entry : session.subscriptions)
      if (!owner || !owner->subscriptions().find(entry.topic_filter))
        changes.changes.push_back(erasure(id, entry.topic_filter));
    if (!changes.changes.empty() && local_->node.metadata)
      caf::anon_send(
        local_->node.metadata->group(session_key(session.key)),
        store_subscriptions(session.key, changes, session.record.epoch));
  }

  void refuse(net::accepted_client& client) {
    runtime::log::warning("connect.sessions_max",
                          {{"client_id", client.request->client_id},
                           {"peer", client.peer}});
    local_->traffic.connect_refused.add();
    local_->traffic.socket_close.add();
    mqtt::output_buffer output;
    mqtt::encode(mqtt::connack{false, reason_code::quota_exceeded, {}},
                 client.request->packet.version, output.tail());
    net::linger(
      self_->home(), std::move(client.socket),
      net::last_bytes(std::move(client.layered), std::move(output)),
      local_->traffic);
  }

  shard_contents_ptr on_resubscribe(shard_index shard) {
    auto contents = std::make_shared<shard_contents>();
    const auto& table = local_->node.subscriptions;
    local_->queues.for_each([&](queue& owner) {
      if (owner.is_retired())
        return;
      subscription_changes changes{std::string{owner.key().mountpoint()}, {}};
      for (const auto& entry : owner.subscriptions()) {
        const auto filter = mqtt::parse_topic_filter(entry.topic_filter,
                                                     {0, 65'535});
        if (filter && table.shard_of(changes.mountpoint, *filter) == shard)
          changes.changes.push_back(insertion(owner.id(), entry));
      }
      if (!changes.changes.empty())
        contents->by_subscriber.push_back(std::move(changes));
    });
    return contents;
  }

  /// What a forerunner that failed left.
  void adopt() {
    for (auto& one : local_->orphans.take())
      children_.add(std::move(one));
  }

  void on_exit(caf::error reason) {
    if (!is_shutting_down_)
      return self_->quit(std::move(reason));
    children_.stop_all(children_deadline, [this, reason = std::move(reason)] {
      self_->quit(reason);
    });
  }

  /// Each client of 5.0 is told why [MQTT-3.14.0-1]; wills are published.
  void on_shut_down() {
    is_shutting_down_ = true;
    std::vector<queue*> online;
    local_->queues.for_each([&](queue& owner) {
      if (owner.is_online())
        online.push_back(&owner);
    });
    for (auto* owner : online)
      owner->end_session(reason_code::server_shutting_down);
  }

  runtime::pinned_pointer<registrar> self_;
  site* local_;
  runtime::dynamic_children children_;
  /// Of the node; else an order to end is about this actor alone.
  bool is_shutting_down_ = false;
};

} // namespace

registrar spawn_registrar(runtime::reactor& home, site& local) {
  return runtime::spawn_pinned<registrar, registrar_state>(home, &local);
}

} // namespace hetzel::messaging
