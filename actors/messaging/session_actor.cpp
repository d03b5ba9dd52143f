#include "actors/messaging/session_actor.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/queue.hpp"
#include "actors/messaging/session_runner.hpp"
#include "actors/messaging/site.hpp"
#include "actors/runtime/lean_actor.hpp"
#include "actors/runtime/log.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace hetzel::messaging {

namespace {

constexpr std::chrono::seconds retain_timeout{10};

class session_actor_body final : public runtime::lean_actor,
                                 public session_actor_port {
public:
  session_actor_body(caf::actor_config& config, site* local, queue_id id,
                     accepted_client_ptr client)
    : lean_actor(config),
      local_(local),
      queue_(id),
      client_(std::move(client)) {}

  const char* name() const override { return "messaging.session"; }

  // -- session_actor_port ----------------------------------------------------

  void stop(const char* error) override {
    if (is_dying_)
      return;
    end_later(error ? caf::make_error(caf::sec::runtime_error, error)
                    : caf::error{});
  }

  void retain(const mqtt::message_ptr& message,
              std::function<void(mqtt::reason_code)> answer) override {
    const auto shard = local_->node.retained_shard_of(message->mountpoint(),
                                                      message->topic_name());
    ask<std::uint8_t>(
      local_->node.retained_shards[shard].get(), retain_timeout,
      caf::make_message(message),
      [answer](std::uint8_t code) {
        answer(static_cast<mqtt::reason_code>(code));
      },
      [answer](const caf::error& why) {
        runtime::log::warning("retain.failed", {{"error", to_string(why)}});
        answer(mqtt::reason_code::unspecified_error);
      });
  }

protected:
  // -- lean_actor ------------------------------------------------------------

  void on_start() override {
    const auto client = std::move(client_);
    if (auto* owner = local_->queues.find(queue_)) {
      runner_.emplace(*local_, *owner, *client, *this);
      runner_->start(*client);
    } else {
      // The queue died between the two starts: the client tries again.
      stop(nullptr);
    }
  }

  bool on_message(caf::message& content) override {
    if (!content.match_elements<disconnect_atom, std::uint8_t>())
      return false;
    if (runner_ && runner_->is_attached())
      runner_->end(
        static_cast<mqtt::reason_code>(content.get_as<std::uint8_t>(1)));
    return true;
  }

  runtime::state_entries state() override {
    if (!runner_ || !runner_->is_attached())
      return {{"state", "ended"}};
    const auto& key = local_->queues.key_of(queue_);
    return {{"client_id", std::string{key.client_id()}},
            {"mountpoint", std::string{key.mountpoint()}},
            {"peer", runner_->peer()},
            {"output_bytes", std::to_string(runner_->output_size())},
            {"held_by", runner_->held_by()}};
  }

  void on_end() noexcept override {
    is_dying_ = true;
    runner_.reset();
  }

private:
  site* local_;
  queue_id queue_;
  bool is_dying_ = false;
  accepted_client_ptr client_;
  std::optional<session_runner> runner_;
};

} // namespace

session_actor spawn_session_actor(runtime::reactor& home, site& local,
                                  queue_id queue, accepted_client_ptr client) {
  return runtime::spawn_lean<session_actor, session_actor_body>(
    home, &local, queue, std::move(client));
}

} // namespace hetzel::messaging
