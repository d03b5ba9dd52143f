#include "actors/messaging/queue_actor.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/queue.hpp"
#include "actors/messaging/restored_session.hpp"
#include "actors/messaging/retry.hpp"
#include "actors/messaging/site.hpp"
#include "actors/messaging/storage/message_disk.hpp"
#include "actors/messaging/stored_records.hpp"
#include "actors/runtime/lean_actor.hpp"
#include "actors/runtime/log.hpp"
#include "cluster/metadata/metadata.hpp"
#include "protocol/topic.hpp"

#include <caf/send.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hetzel::messaging {

namespace {

/// Changes that are owed to the metadata, about; with more, a subscription that
/// could not be stored may be there after a restart.
constexpr std::size_t owed_max = 1000;

/// After the store could not be read.
constexpr std::chrono::milliseconds load_retry_delay{500};

using changes_by_shard = std::map<shard_index, subscription_changes>;

changes_by_shard split(const subscription_table& table,
                       subscription_changes&& all) {
  changes_by_shard parts;
  for (auto& change : all.changes) {
    const auto filter = mqtt::parse_topic_filter(change.topic_filter,
                                                 {0, 65'535});
    if (!filter)
      continue;
    auto& part = parts[table.shard_of(all.mountpoint, *filter)];
    part.mountpoint = all.mountpoint;
    part.changes.push_back(std::move(change));
  }
  return parts;
}

class queue_actor_body final : public runtime::lean_actor,
                               public queue_actor_port {
public:
  queue_actor_body(caf::actor_config& config, site* local, queue_id id,
                   queue_origin from)
    : lean_actor(config),
      local_(local),
      id_(id),
      restored_(std::move(from.restored)),
      owed_(std::move(from.former)) {}

  const char* name() const override { return "messaging.queue"; }

  // -- queue_actor_port ------------------------------------------------------

  void apply(subscription_changes changes, std::uint32_t ticket) override {
    auto under_way = std::make_shared<application>();
    under_way->ticket = ticket;
    if (changes.changes.empty())
      return finish_later(under_way);
    if (queue_->is_recorded())
      store(std::make_shared<const subscription_changes>(std::move(changes)),
            under_way, 1);
    else
      apply_to_index(std::move(changes), under_way);
  }

  void index(subscription_changes changes) override {
    auto under_way = std::make_shared<application>();
    under_way->is_restoration = true;
    apply_to_index(std::move(changes), under_way);
  }

  void record(cluster::metadata_write_ptr write) override {
    owed_ = owed_ ? joined(*owed_, *write) : std::move(write);
    record(owed_, ++last_record_, 1);
  }

  void forget(subscription_changes changes) override {
    for (auto& [shard, part] :
         split(local_->node.subscriptions, std::move(changes)))
      caf::anon_send(
        local_->node.subscription_shards[shard].get(),
        std::make_shared<const subscription_changes>(std::move(part)));
  }

  void fetch(retained_request request) override {
    fetch(std::make_shared<const retained_request>(std::move(request)), 1);
  }

  void load(window_query query) override {
    const auto shard = local_->node.messages->shard_of(queue_->key());
    const auto asked = std::make_shared<const window_query>(query);
    ask<loaded_window_ptr>(
      local_->node.messages->writer(shard).get(), store_timeout,
      caf::make_message(asked),
      [this](const loaded_window_ptr& seen) { queue_->on_window(*seen); },
      [this, asked](const caf::error& why) {
        runtime::log::warning("queue.not_loaded",
                              {{"client_id", client_id()},
                               {"error", to_string(why)}});
        loaded_window none;
        none.is_drop = asked->is_drop;
        none.status = persistence::errc::io_error;
        queue_->on_window(none);
      });
  }

  void load_later() override {
    call_later(load_retry_delay, [this] { queue_->load_again(); });
  }

  void retain(const mqtt::message_ptr& will,
              std::uint32_t connection) override {
    const auto shard = local_->node.retained_shard_of(will->mountpoint(),
                                                      will->topic_name());
    ask<std::uint8_t>(
      local_->node.retained_shards[shard].get(), shard_timeout,
      caf::make_message(will),
      [this, connection](std::uint8_t) { queue_->on_will_kept(connection); },
      [this, connection](const caf::error& why) {
        runtime::log::warning("will.not_retained",
                              {{"client_id", client_id()},
                               {"error", to_string(why)}});
        queue_->on_will_kept(connection);
      });
  }

  void cancel(retained_request request) override {
    caf::anon_send(local_->node.retained_shards[request.shard].get(),
                   cancel_walk_atom_v, request.walk);
  }

  void stop() override {
    if (!is_dying_)
      end_later();
  }

  void stop(const char* error) override {
    if (!is_dying_)
      end_later(caf::make_error(caf::sec::runtime_error, error));
  }

protected:
  // -- lean_actor ------------------------------------------------------------

  void on_start() override {
    queue_.emplace(*local_, id_, *this);
    if (owed_)
      queue_->follow_recorded();
    if (const auto from = std::exchange(restored_, nullptr)) {
      is_restoring_ = !from->subscriptions.empty();
      queue_->restore(*from);
    }
  }

  runtime::state_entries state() override {
    return {{"client_id", client_id()},
            {"state", queue_->is_retired()  ? "retired"
                      : queue_->is_online() ? "online"
                                            : "offline"},
            {"pending", std::to_string(queue_->depth())},
            {"in_flight", std::to_string(queue_->state().outbound.size())},
            {"subscriptions",
             std::to_string(queue_->subscriptions().size())}};
  }

  void on_end() noexcept override {
    is_dying_ = true;
    if (!queue_) {
      // It never started.
      local_->queues.release(id_);
      local_->node.sessions.fetch_sub(1);
      is_restoring_ = restored_ && !restored_->subscriptions.empty();
    }
    end_restoring();
    auto again = queue_ ? queue_->to_restore() : nullptr;
    queue_.reset();
    if (again)
      take_up_again(std::move(*again));
  }

private:
  /// Changes that several shards must apply before the client is answered.
  struct application {
    std::uint32_t ticket = 0;
    std::size_t shards = 0;
    bool is_restoration = false;
    std::vector<std::string> failed_filters;
  };
  using application_ptr = std::shared_ptr<application>;

  /// The registrar does not, when it is about to end itself.
  void take_up_again(restored_session session) {
    auto again = std::make_shared<restored_sessions>();
    again->sessions.push_back(std::move(session));
    caf::anon_send(local_->node.registrars[id_.reactor()].get(),
                   restored_sessions_ptr{std::move(again)});
  }

  // -- metadata --------------------------------------------------------------

  cluster::metadata_group group() const {
    return local_->node.metadata->group(session_key(queue_->key()));
  }

  void store(const subscription_changes_ptr& changes,
             const application_ptr& under_way, int attempt) {
    auto write
      = store_subscriptions(queue_->key(), *changes, queue_->epoch());
    // Subscriptions of a Session that is not there are of no use.
    const auto owed = owed_;
    if (owed)
      write = joined(*owed, *write);
    ask<std::uint8_t>(
      group(), store_timeout, caf::make_message(write),
      [=, this](std::uint8_t code) {
        if (queue_->is_retired())
          return;
        if (static_cast<persistence::errc>(code) != persistence::errc::none)
          return on_not_stored(*changes, under_way);
        settle(owed);
        apply_to_index(*changes, under_way);
      },
      [=, this](const caf::error&) {
        if (queue_->is_retired())
          return;
        if (attempt < attempts_max)
          store_again(changes, under_way, attempt + 1);
        else
          on_not_stored(*changes, under_way);
      });
  }

  void store_again(const subscription_changes_ptr& changes,
                   const application_ptr& under_way, int attempt) {
    call_later(retry_delay, [=, this] {
      if (!queue_->is_retired())
        store(std::make_shared<const subscription_changes>(
                queue_->as_recorded(*changes)),
              under_way, attempt);
    });
  }

  void on_not_stored(const subscription_changes& changes,
                     const application_ptr& under_way) {
    runtime::log::error("subscribe.not_stored", {{"client_id", client_id()}});
    for (const auto& change : changes.changes)
      under_way->failed_filters.push_back(change.topic_filter);
    queue_->on_applied(under_way->ticket, under_way->failed_filters);
    if (!queue_->is_retired())
      owe(*store_subscriptions(queue_->key(), queue_->as_recorded(changes),
                               queue_->epoch()));
  }

  /// A write that failed may have left its mark all the same.
  void owe(const cluster::metadata_write& write) {
    if (!owed_)
      owed_ = std::make_shared<const cluster::metadata_write>(write);
    else if (owed_->changes.size() < owed_max)
      owed_ = joined(*owed_, write);
  }

  /// What was owed is stored, unless there is more by now.
  void settle(const cluster::metadata_write_ptr& stored) {
    if (owed_ == stored)
      owed_ = nullptr;
  }

  /// The next write makes up for one that failed.
  void record(const cluster::metadata_write_ptr& write, std::uint32_t number,
              int attempt) {
    ask<std::uint8_t>(
      group(), store_timeout, caf::make_message(write),
      [=, this](std::uint8_t code) {
        const auto verdict = static_cast<persistence::errc>(code);
        if (verdict == persistence::errc::none)
          settle(write);
        on_recorded(number, verdict);
      },
      [=, this](const caf::error&) {
        if (attempt >= attempts_max)
          on_recorded(number, persistence::errc::io_error);
        else
          call_later(retry_delay, [=, this] {
            if (!queue_->is_retired() && number == last_record_)
              record(write, number, attempt + 1);
          });
      });
  }

  /// A store that is out of order keeps nobody from being served.
  void on_recorded(std::uint32_t number, persistence::errc code) {
    if (code != persistence::errc::none)
      runtime::log::error("session.not_stored",
                          {{"client_id", client_id()},
                           {"error", persistence::name(code)}});
    if (number == last_record_)
      queue_->on_recorded();
  }

  // -- index -----------------------------------------------------------------

  void apply_to_index(subscription_changes changes,
                      const application_ptr& under_way) {
    auto parts = split(local_->node.subscriptions, std::move(changes));
    under_way->shards = parts.size();
    if (parts.empty())
      return finish_later(under_way);
    for (auto& [shard, part] : parts)
      send(shard, std::make_shared<const subscription_changes>(std::move(part)),
           under_way, 1);
  }

  void fetch(const retained_request_ptr& request, int attempt) {
    ask<retained_reply_ptr>(
      local_->node.retained_shards[request->shard].get(), shard_timeout,
      caf::make_message(request),
      [this, request](const retained_reply_ptr& reply) {
        queue_->on_retained(request->round, *reply);
      },
      [=, this](const caf::error& why) {
        on_unanswered(request, attempt, why);
      });
  }

  /// A walk that the shard had begun is lost with it: to begin anew would send
  /// what was sent already.
  void on_unanswered(const retained_request_ptr& request, int attempt,
                     const caf::error& why) {
    if (request->walk == 0 && attempt < attempts_max) {
      call_later(retry_delay, [=, this] { fetch(request, attempt + 1); });
      return;
    }
    runtime::log::warning("retained.unanswered",
                          {{"client_id", client_id()},
                           {"error", to_string(why)}});
    queue_->on_retained(request->round, {});
  }

  void send(shard_index shard, const subscription_changes_ptr& part,
            const application_ptr& under_way, int attempt) {
    ask(
      local_->node.subscription_shards[shard].get(), shard_timeout,
      caf::make_message(part), [this, under_way] { on_part_done(under_way); },
      [=, this](const caf::error& why) {
        on_part_failed(shard, part, under_way, attempt, why);
      });
  }

  void on_part_failed(shard_index shard, const subscription_changes_ptr& part,
                      const application_ptr& under_way, int attempt,
                      const caf::error& why) {
    if (attempt < attempts_max) {
      call_later(retry_delay, [=, this] {
        auto now = std::make_shared<const subscription_changes>(
          queue_->as_recorded(*part));
        send(shard, now, under_way, attempt + 1);
      });
      return;
    }
    runtime::log::error("subscribe.failed", {{"client_id", client_id()},
                                             {"error", to_string(why)}});
    for (const auto& change : part->changes)
      under_way->failed_filters.push_back(change.topic_filter);
    on_part_done(under_way);
  }

  void on_part_done(const application_ptr& under_way) {
    if (--under_way->shards == 0)
      finish(*under_way);
  }

  void finish(const application& ended) {
    if (ended.is_restoration)
      end_restoring();
    queue_->on_applied(ended.ticket, ended.failed_filters);
  }

  void end_restoring() noexcept {
    if (std::exchange(is_restoring_, false))
      local_->node.restoring.fetch_sub(1);
  }

  /// The queue never gets its answer inside its own question.
  void finish_later(const application_ptr& under_way) {
    call_later(mqtt::duration::zero(),
               [=, this] { finish(*under_way); });
  }

  std::string client_id() const {
    return queue_->is_retired() ? std::string{}
                                : std::string{queue_->key().client_id()};
  }

  site* local_;
  queue_id id_;
  std::uint32_t last_record_ = 0;
  bool is_dying_ = false;
  /// The node waits for this Session's subscriptions.
  bool is_restoring_ = false;
  std::unique_ptr<const restored_session> restored_; // until it starts
  /// What the metadata was told of the Session and has not confirmed: goes
  /// along with whatever it is told next. Null: nothing.
  cluster::metadata_write_ptr owed_;
  std::optional<queue> queue_;
};

} // namespace

queue_actor spawn_queue_actor(runtime::reactor& home, site& local, queue_id id,
                              queue_origin from) {
  return runtime::spawn_lean<queue_actor, queue_actor_body>(home, &local, id,
                                                            std::move(from));
}

} // namespace hetzel::messaging
