#pragma once

#include "actors/messaging/hooks/decision.hpp"
#include "actors/messaging/hooks/topic_rulings.hpp"
#include "actors/messaging/subscriber_key.hpp"
#include "plugins/api/decision_cache.hpp"
#include "protocol/delivery.hpp"
#include "protocol/packet.hpp"
#include "protocol/session/handshake.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hetzel::net {
class connection_slot;
} // namespace hetzel::net

namespace hetzel::messaging {

struct site;

/// Whether an answer came within the call that asked.
enum class ruled : bool { at_once, later };

/// What a session does when its providers have answered. Views are valid for
/// the call.
class ruling_sink {
public:
  virtual ~ruling_sink() = default;

  /// `packet` as the client sent it; `said` is `ok`, or it is refused.
  virtual void on_publish_ruled(ruled when, const mqtt::publish& packet,
                                const plugins::publish_verdict& said)
    = 0;
  virtual void on_subscribe_ruled(ruled when, const mqtt::subscribe& packet,
                                  std::span<const mqtt::reason_code> codes)
    = 0;
  virtual void on_unsubscribe_ruled(ruled when,
                                    const mqtt::unsubscribe& packet)
    = 0;
  virtual void on_deliver_ruled(ruled when, mqtt::delivery item) = 0;
};

/// The hooks of one session: who its client is to them, decisions it may take
/// again, and what waits for an answer. One question of each kind at a time:
/// who asks stops until it is answered. Answers that come when it is gone reach
/// nobody.
class session_hooks {
public:
  /// All must outlive it.
  session_hooks(site& local, const net::connection_slot& slot,
                const mqtt::connect_request& request, ruling_sink& sink);

  [[nodiscard]] plugins::hook_form form() const noexcept {
    return plugins::form_of(version_);
  }

  [[nodiscard]] mqtt::protocol_version version() const noexcept {
    return version_;
  }

  /// Given back to providers with each question.
  void attach(plugins::session_attachment_ptr attachment) noexcept {
    attachment_ = std::move(attachment);
  }

  [[nodiscard]] plugins::client client(const subscriber_key& key) const;

  // -- questions; the sink is called within the call, or later ----------------

  /// `later`: nothing else of the client may be handled before.
  ruled judge(const mqtt::publish& packet, const subscriber_key& key);
  void judge(const mqtt::subscribe& packet,
             std::span<const mqtt::reason_code> codes,
             const subscriber_key& key);
  void judge(const mqtt::unsubscribe& packet, const subscriber_key& key);
  /// No other delivery may follow before.
  void judge(mqtt::delivery&& item, const subscriber_key& key);

  /// A delivery waits for an answer.
  [[nodiscard]] bool is_delivering() const noexcept {
    return delivering_ != nullptr;
  }

  // -- the end of the connection ----------------------------------------------

  /// Nobody waits any more.
  void forget_publish() noexcept;
  /// The delivery that was not sent; null: none.
  [[nodiscard]] std::unique_ptr<mqtt::delivery> forget_delivery() noexcept;

  /// What the packet of a `plugins::publish_request` was.
  [[nodiscard]] static mqtt::publish
  packet_of(const plugins::publish_request& asked, mqtt::packet_id id);

private:
  [[nodiscard]] decision_ticket ticket();
  [[nodiscard]] decision_rules rules() const;
  [[nodiscard]] const plugins::chain& chain_of(plugins::hook which) const;
  [[nodiscard]] plugins::publish_request
  request_of(const mqtt::publish& packet, const subscriber_key& key) const;
  void remember(const plugins::publish_request& asked,
                const plugins::publish_verdict& said);
  void finish(ruled when, const mqtt::subscribe& packet,
              std::span<const mqtt::reason_code> codes,
              const plugins::subscribe_verdict& said);
  void finish(ruled when, const plugins::deliver_verdict& said,
              mqtt::delivery item);

  site& local_;
  const net::connection_slot& slot_;
  ruling_sink& sink_;
  mqtt::protocol_version version_;
  std::optional<mqtt::packet_id> publishing_; // of QoS 2
  std::optional<std::string> user_name_;
  plugins::session_attachment_ptr attachment_;
  std::shared_ptr<const void> ticket_; // null: nobody was ever waited for
  std::unique_ptr<mqtt::delivery> delivering_;
  std::unique_ptr<plugins::decision_cache<plugins::publish_verdict>> published_;
  std::unique_ptr<plugins::decision_cache<plugins::subscribe_verdict>>
    subscribed_;
};

} // namespace hetzel::messaging
