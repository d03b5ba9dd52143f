#include "actors/messaging/retained_shard.hpp"

#include "actors/messaging/delivery_batch.hpp"
#include "actors/messaging/exchange.hpp"
#include "actors/messaging/retained_feed.hpp"
#include "actors/messaging/retained_writer.hpp"
#include "actors/messaging/retry.hpp"
#include "actors/messaging/site.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/pinned.hpp"
#include "cluster/metadata/metadata.hpp"
#include "protocol/topic.hpp"

#include <caf/typed_response_promise.hpp>

#include <boost/unordered/unordered_flat_map.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <utility>

namespace hetzel::messaging {

namespace {

/// Walks that subscribers have under way; a new one beyond ends at once.
constexpr std::size_t walks_max = 100'000;

/// Nodes looked at per sweep step; the rest comes with the next step.
constexpr std::size_t sweep_budget = 50'000;

class retained_shard_state : public runtime::timer {
public:
  static inline const char* name = "messaging.retained_shard";

  retained_shard_state(runtime::pinned_pointer<retained_shard> self,
                       site* local, std::size_t shard)
    : self_(self),
      local_(local),
      shard_(shard),
      writer_(local->node.metadata ? local->node.metadata->group_count()
                                   : 1) {}

  retained_shard::behavior_type make_behavior() {
    // Not in the constructor, which runs while a forerunner may still work.
    noted_count_ = index().size();
    noted_bytes_ = index().message_bytes();
    schedule_sweep();
    return {
      runtime::describing(self_, [this] { return snapshot(); }),
      [this](const mqtt::message_ptr& message) { return on_message(message); },
      [this](const retained_batch_ptr& batch) { on_batch(batch); },
      [this](const retained_changes_ptr& changes) { on_changes(*changes); },
      [this](const retained_request_ptr& request) {
        return on_request(*request);
      },
      [this](cancel_walk_atom, std::uint64_t walk) { walks_.erase(walk); },
    };
  }

  void on_timeout(mqtt::time_point now) override {
    std::vector<mqtt::message_ptr> expired;
    index().sweep(now, sweep_budget, expired);
    local_->metrics.add(metric::retain_expired, expired.size());
    note_size();
    for (const auto& message : expired)
      forget(message);
    schedule_sweep();
  }

private:
  [[nodiscard]] retained_index& index() const {
    return *local_->node.retained[shard_];
  }

  runtime::state_entries snapshot() const {
    return {{"shard", std::to_string(shard_)},
            {"messages", std::to_string(index().size())},
            {"message_bytes", std::to_string(index().message_bytes())},
            {"memory_bytes", std::to_string(index().memory_bytes())},
            {"walks", std::to_string(walks_.size())},
            {"unwritten", std::to_string(writer_.size())}};
  }

  /// The limits are the node's. Shards that fill the last places at the same
  /// time may exceed them by a message each.
  [[nodiscard]] bool has_room(const mqtt::message& message) const {
    const auto& limits = local_->config->messaging.retained;
    const auto& node = local_->node;
    if (message.payload().empty())
      return true;
    const auto old = index().get(message.mountpoint(), message.topic_name());
    const auto count = node.retained_count + (old ? 0 : 1);
    const auto bytes
      = node.retained_bytes + message.size() - (old ? old->size() : 0);
    return count <= limits.count_max.value_or(count)
           && bytes <= limits.bytes_max.value_or(bytes);
  }

  void note_size() {
    local_->node.retained_count += index().size() - noted_count_;
    local_->node.retained_bytes += index().message_bytes() - noted_bytes_;
    noted_count_ = index().size();
    noted_bytes_ = index().message_bytes();
  }

  // -- what is published -----------------------------------------------------

  caf::result<std::uint8_t> on_message(const mqtt::message_ptr& message) {
    auto promise = self_->make_response_promise<std::uint8_t>();
    keep(message, nullptr, [promise](mqtt::reason_code code) mutable {
      promise.deliver(static_cast<std::uint8_t>(code));
    });
    return promise;
  }

  void on_batch(const retained_batch_ptr& batch) {
    for (const auto& message : batch->items)
      keep(message, batch, nullptr);
  }

  using answer = std::function<void(mqtt::reason_code)>;

  /// The index shows it at once, the answer waits for the store.
  void keep(const mqtt::message_ptr& message,
            std::shared_ptr<const void> credit, const answer& told) {
    const auto tell = [&](mqtt::reason_code code) {
      if (told)
        told(code);
    };
    if (!has_room(*message)) {
      local_->metrics.add(metric::retain_rejected);
      return tell(mqtt::reason_code::quota_exceeded);
    }
    auto stored = index().get(message->mountpoint(), message->topic_name());
    const auto verdict = index().set(message);
    note_size();
    switch (verdict) {
      case retain_verdict::stored:
      case retain_verdict::replaced:
      case retain_verdict::erased:
        return store(message, std::move(stored), std::move(credit), told);
      case retain_verdict::absent:
        // A delete that is under way already answers for this one too.
        if (local_->node.metadata && writer_.is_pending(*message))
          return store(message, {}, std::move(credit), told);
        return tell(mqtt::reason_code::success);
      case retain_verdict::rejected_count:
      case retain_verdict::rejected_bytes:
        return tell(mqtt::reason_code::quota_exceeded);
    }
  }

  // -- the store --------------------------------------------------------------

  void store(const mqtt::message_ptr& message, mqtt::message_ptr stored,
             std::shared_ptr<const void> credit, const answer& told) {
    if (!local_->node.metadata) {
      if (told)
        told(mqtt::reason_code::success);
      return;
    }
    retained_writer::entry write{message, std::move(stored), {},
                                 std::move(credit)};
    if (told)
      write.answers.push_back(
        [told](persistence::errc code) { told(verdict_of(code)); });
    write_on(writer_.add(std::move(write)));
  }

  void forget(const mqtt::message_ptr& expired) {
    store(erasing(*expired), {}, nullptr, nullptr);
  }

  /// Without payload: the topic is to have nothing.
  static mqtt::message_ptr erasing(const mqtt::message& retained) {
    mqtt::message_fields fields;
    fields.mountpoint = retained.mountpoint();
    fields.topic_name = retained.topic_name();
    return mqtt::message::make(fields);
  }

  static mqtt::reason_code verdict_of(persistence::errc code) {
    if (code == persistence::errc::none)
      return mqtt::reason_code::success;
    return code == persistence::errc::disk_full
             ? mqtt::reason_code::quota_exceeded
             : mqtt::reason_code::unspecified_error;
  }

  void write_on(std::uint32_t group) {
    if (auto write = writer_.take(group, at_wall_clock(self_->home().now())))
      send(group, write, 1);
  }

  void send(std::uint32_t group, const cluster::metadata_write_ptr& write,
            int attempt) {
    const auto to = static_cast<std::uint8_t>(group);
    self_->request(local_->node.metadata->group(to), store_timeout, write)
      .then(
        [this, group](std::uint8_t code) {
          on_written(group, static_cast<persistence::errc>(code));
        },
        [=, this](const caf::error& why) {
          if (attempt < attempts_max) {
            self_->run_delayed(retry_delay,
                               [=, this] { send(group, write, attempt + 1); });
            return;
          }
          runtime::log::error("retained.not_stored",
                              {{"error", to_string(why)}});
          on_written(group, persistence::errc::io_error);
        });
  }

  /// What the store did not take is not shown either.
  void on_written(std::uint32_t group, persistence::errc code) {
    for (const auto& failed : writer_.finish(group, code)) {
      local_->metrics.add(metric::retain_rejected);
      put_back(failed);
    }
    write_on(group);
  }

  void put_back(const retained_writer::entry& failed) {
    static_cast<void>(
      index().set(failed.stored ? failed.stored : erasing(*failed.message)));
    note_size();
  }

  /// What the store says, unless this node is about to say otherwise.
  void on_changes(const retained_changes& changes) {
    for (const auto& message : changes.messages)
      if (!writer_.is_pending(*message))
        static_cast<void>(index().set(message));
    note_size();
  }

  // -- what is asked for ------------------------------------------------------

  retained_reply_ptr on_request(const retained_request& request) {
    auto reply = std::make_shared<retained_reply>();
    auto walk = request.walk != 0 ? request.walk : begin(request);
    const auto found = walks_.find(walk);
    if (found == walks_.end())
      return reply;
    const walk_budget budget{.messages = request.limit};
    index().match(found->second, self_->home().now(), budget, reply->messages);
    if (found->second.is_done())
      walks_.erase(found);
    else
      reply->walk = walk;
    return reply;
  }

  /// Zero when too many are under way.
  std::uint64_t begin(const retained_request& request) {
    if (walks_.size() >= walks_max) {
      local_->metrics.add(metric::retain_rejected);
      runtime::log::warning("retained.walks_max", {{"shard", shard_}});
      return 0;
    }
    walks_.emplace(++last_walk_, retained_cursor{request.mountpoint,
                                                 request.topic_filter});
    return last_walk_;
  }

  void schedule_sweep() {
    const auto interval
      = local_->config->messaging.retained.expiry_sweep_interval;
    auto& home = self_->home();
    if (interval.count() > 0)
      home.timers().schedule(*this, home.now() + interval);
  }

  runtime::pinned_pointer<retained_shard> self_;
  site* local_;
  std::size_t shard_;
  /// What of this shard the node's sums hold; a forerunner noted the same.
  std::size_t noted_count_ = 0;
  std::size_t noted_bytes_ = 0;
  /// Above all numbers of a forerunner, whose walks subscribers may ask for.
  std::uint64_t last_walk_ = std::uint64_t{self_->id()} << 32;
  boost::unordered_flat_map<std::uint64_t, retained_cursor> walks_;
  retained_writer writer_;
};

} // namespace

retained_shard spawn_retained_shard(runtime::reactor& home, site& local,
                                    std::size_t shard) {
  return runtime::spawn_pinned<retained_shard, retained_shard_state>(
    home, &local, shard);
}

} // namespace hetzel::messaging
