#include "actors/messaging/session_actor.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/queue.hpp"
#include "actors/messaging/session_runner.hpp"
#include "actors/messaging/site.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/pinned.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace hetzel::messaging {

namespace {

constexpr std::chrono::seconds retain_timeout{10};

class session_actor_state : public session_actor_port {
public:
  static inline const char* name = "messaging.session";

  session_actor_state(runtime::pinned_pointer<session_actor> self, site* local,
                      queue_id id, accepted_client_ptr client)
    : self_(self), local_(local), queue_(id), client_(std::move(client)) {}

  ~session_actor_state() override {
    is_dying_ = true;
    runner_.reset();
  }

  session_actor::behavior_type make_behavior() {
    const auto client = std::move(client_);
    if (auto* owner = local_->queues.find(queue_)) {
      runner_.emplace(*local_, *owner, *client, *this);
      runner_->start(*client);
    } else {
      // The queue died between the two starts: the client tries again.
      stop(nullptr);
    }
    return {
      runtime::describing(self_, [this] { return snapshot(); }),
      [this](disconnect_atom, std::uint8_t code) {
        if (runner_ && runner_->is_attached())
          runner_->end(static_cast<mqtt::reason_code>(code));
      },
    };
  }

  // -- session_actor_port ----------------------------------------------------

  void stop(const char* error) override {
    if (is_dying_)
      return;
    self_->end_later(error ? caf::make_error(caf::sec::runtime_error, error)
                           : caf::error{});
  }

  void retain(const mqtt::message_ptr& message,
              std::function<void(mqtt::reason_code)> answer) override {
    const auto shard = local_->node.retained_shard_of(message->mountpoint(),
                                                      message->topic_name());
    self_
      ->request(local_->node.retained_shards[shard].get(), retain_timeout,
                message)
      .then(
        [answer](std::uint8_t code) {
          answer(static_cast<mqtt::reason_code>(code));
        },
        [answer](const caf::error& why) {
          runtime::log::warning("retain.failed", {{"error", to_string(why)}});
          answer(mqtt::reason_code::unspecified_error);
        });
  }

private:
  runtime::state_entries snapshot() {
    if (!runner_ || !runner_->is_attached())
      return {{"state", "ended"}};
    const auto& key = local_->queues.key_of(queue_);
    return {{"client_id", std::string{key.client_id()}},
            {"mountpoint", std::string{key.mountpoint()}},
            {"peer", runner_->peer()},
            {"output_bytes", std::to_string(runner_->output_size())},
            {"held_by", runner_->held_by()}};
  }

  runtime::pinned_pointer<session_actor> self_;
  site* local_;
  queue_id queue_;
  bool is_dying_ = false;
  accepted_client_ptr client_;
  std::optional<session_runner> runner_;
};

} // namespace

session_actor spawn_session_actor(runtime::reactor& home, site& local,
                                  queue_id queue, accepted_client_ptr client) {
  return runtime::spawn_pinned<session_actor, session_actor_state>(
    home, &local, queue, std::move(client));
}

} // namespace hetzel::messaging
