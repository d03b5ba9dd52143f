#pragma once

#include "actors/messaging/config.hpp"
#include "actors/messaging/pending_queue.hpp"
#include "actors/messaging/queue_actor_port.hpp"
#include "actors/messaging/restored_session.hpp"
#include "actors/messaging/retained_feed.hpp"
#include "actors/messaging/session_port.hpp"
#include "actors/messaging/storage/stored_queue.hpp"
#include "actors/messaging/stored_records.hpp"
#include "actors/messaging/subscription_change.hpp"
#include "actors/messaging/subscription_list.hpp"
#include "actors/messaging/subscribe_answer.hpp"
#include "actors/messaging/subscriber_key.hpp"
#include "actors/messaging/will.hpp"
#include "actors/net/config.hpp"
#include "actors/runtime/timer_wheel.hpp"
#include "cluster/metadata/session_record.hpp"
#include "plugins/api/modifiers.hpp"
#include "protocol/session/handshake.hpp"
#include "protocol/session/session.hpp"
#include "protocol/session/session_state.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace hetzel::messaging {

struct site;

/// A message offered to a queue: the parts of an `mqtt::delivery`, borrowed, so
/// that one which is dropped at once costs no reference.
struct offer {
  const mqtt::message_ptr& message;
  const mqtt::subscription_ids& ids;
  mqtt::share_id share = 0;
  mqtt::qos quality{};
  bool retain = false;
  /// For who stores it; null: nobody waits.
  receipt_source* waits = nullptr;
  /// For those who store it; null, or used up: each stores a body of its own.
  shared_body* body = nullptr;
};

/// The messages, subscriptions and unfinished exchanges of one subscriber, and
/// the life of its Session (MQTT 5, 4.1): online with a session attached,
/// offline until it expires, retired. It is the state of a queue actor; all
/// calls are made on that actor's reactor.
class queue final : public runtime::timer {
public:
  queue(site& local, queue_id id, queue_actor_port& actor);

  /// Releases the subscriber's id and its place in the index; ends an attached
  /// session. What the metadata has of it stays.
  ~queue() override;

  [[nodiscard]] queue_id id() const noexcept { return id_; }

  /// Precondition: not retired.
  [[nodiscard]] const subscriber_key& key() const;

  // -- life of the Session ---------------------------------------------------

  /// True when a Session existed, for CONNACK's Session Present. Ends a session
  /// that was attached before with `session_taken_over`. `granted` is what a
  /// provider granted instead of the configuration, until the next one.
  [[nodiscard]] bool attach(session_port& port,
                            const mqtt::connect_request& request,
                            const plugins::register_modifiers* granted
                            = nullptr);

  /// The session ended; the Session goes on without or ends with it.
  void detach(const mqtt::session_end& end);

  /// Goes on with a Session that the metadata had. Once, before anything else.
  void restore(const restored_session& from);

  /// What `restore` would need to go on with this one; null when the metadata
  /// has it not.
  [[nodiscard]] std::unique_ptr<restored_session> to_restore() const;

  /// The subscriber's former Session is about to leave the metadata: this one
  /// must not be told of before it has. Before `attach`.
  void follow_recorded() noexcept { follows_recorded_ = true; }

  /// Whether what `attach` wrote is still on its way to the metadata: CONNACK
  /// waits for it, so that Session Present is true even after a crash.
  [[nodiscard]] bool is_recording() const noexcept { return is_recording_; }
  void on_recorded();

  /// Whether the metadata has this Session.
  [[nodiscard]] bool is_recorded() const noexcept { return epoch_ != 0; }
  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }

  /// Lent to the attached session.
  [[nodiscard]] mqtt::session_state& state() noexcept { return state_; }

  /// Whether the Session outlives the connection that is open now.
  [[nodiscard]] bool outlives_connection() const noexcept {
    return session_expiry_ != std::chrono::seconds{0};
  }

  /// The Session ends now, and with it connection, subscriptions and messages.
  void retire(mqtt::reason_code code);

  /// Ends the attached session, if any, with that code; the Session stays as
  /// long as its expiry says.
  void end_session(mqtt::reason_code code);

  /// Something threw while it worked for this queue.
  void fail(const char* what) noexcept;

  // -- messages --------------------------------------------------------------

  void deliver(const offer& item);

  /// Sends what waits, as long as the session takes it.
  void drain();

  [[nodiscard]] bool is_connected() const noexcept { return session_; }
  /// Messages in memory that were not sent.
  [[nodiscard]] std::size_t waiting() const { return pending_.size(); }

  void on_retained(std::uint32_t round, const retained_reply& reply);

  // -- the store: QoS 1 and 2 of a Session that outlives its connection ------

  [[nodiscard]] bool is_stored() const noexcept { return stored_ != nullptr; }

  void on_window(const loaded_window& seen);
  /// A while after the store could not read.
  void load_again();
  /// False: not now.
  [[nodiscard]] bool on_expired(const expired_messages& found);

  /// A batch with changes of this queue is on disk, or could not be.
  void on_committed(batch_number batch, persistence::errc code);

  void on_settlement(const settlement& of);

  /// A retained shard keeps the will of that connection, or cannot.
  void on_will_kept(std::uint32_t connection);

  /// The number of the connection that is open, or was the last.
  [[nodiscard]] std::uint32_t connection() const noexcept {
    return connection_;
  }

  /// From the session: what the client said of a delivery or a PUBLISH.
  void on_settled(const mqtt::delivery& done);
  [[nodiscard]] bool on_received(const mqtt::delivery& taken,
                                 mqtt::packet_id id);
  [[nodiscard]] bool on_released(mqtt::packet_id id);

  /// For a PUBLISH of this client of QoS 1 or 2, of whose storing it waits for
  /// so much. Null: nobody would wait. One that is no duplicate goes to
  /// everybody, whatever a former life of the server left of its id.
  [[nodiscard]] receipt_source expect(store_ticket ticket,
                                      net::message_durability level,
                                      bool is_duplicate);
  /// Such a PUBLISH was routed.
  void mark(receipt_source& waits);
  /// Such a PUBLISH of QoS 2 was refused: its id is free for another.
  void on_refused(mqtt::packet_id id);

  // -- subscriptions ---------------------------------------------------------

  /// Both answer through the port when the index has applied the change.
  void subscribe(const mqtt::subscribe& packet,
                 std::span<const mqtt::reason_code> codes);
  void unsubscribe(const mqtt::unsubscribe& packet);

  /// Puts `wanted` in the place of a subscription; the client is not told.
  void replace(const std::string& topic_filter,
               std::vector<subscription_list::entry> wanted);

  void on_applied(std::uint32_t ticket,
                  std::span<const std::string> failed_filters);

  /// What the index is to be told of the filters of `earlier` by now: another
  /// connection may have changed them since.
  [[nodiscard]] subscription_changes
  as_recorded(const subscription_changes& earlier) const;

  [[nodiscard]] const subscription_list& subscriptions() const noexcept {
    return subscriptions_;
  }

  // -- looking in ------------------------------------------------------------

  /// It has ended, and its actor is about to.
  [[nodiscard]] bool is_retired() const noexcept { return retired_; }
  [[nodiscard]] bool is_online() const noexcept { return session_ != nullptr; }
  [[nodiscard]] std::size_t depth() const noexcept { return pending_.size(); }

  void on_timeout(mqtt::time_point now) override;

private:
  struct storing_release {
    mqtt::packet_id id = 0;
    batch_number batch = 0;
  };

  void send(mqtt::delivery item);
  void enqueue(mqtt::delivery item);
  void open_store(const restored_session* from);
  void store(mqtt::delivery item, const storing& how);
  [[nodiscard]] bool make_room(std::size_t limit);
  [[nodiscard]] bool make_room_for(const mqtt::delivery& item);
  [[nodiscard]] const std::optional<std::size_t>& bytes_limit() const;
  [[nodiscard]] std::size_t waiting_bytes() const;
  void evict_all();
  void evict_oldest();
  void complete_received(batch_number batch);
  void load_more();
  void note_loading();
  void drop(const mqtt::delivery& item);
  void count_drop(const mqtt::delivery& item);
  void count_bytes_drop(const mqtt::delivery& item);
  [[nodiscard]] const queue_limits& limits() const;
  void grant(const plugins::register_modifiers* granted);
  void go_offline();
  void trim_to_online_limit();
  void trim_pending(std::optional<std::size_t> count,
                    std::optional<std::size_t> bytes);
  void leave_will(const mqtt::session_end& end);
  void on_will_due();
  void on_will_stored(const settlement& of);
  void publish_will();
  void route_will(const mqtt::message_ptr& message);
  void end_will();
  void settle_will() noexcept;
  void restore_will(const cluster::session_record& from,
                    const both_clocks& now);
  [[nodiscard]] std::chrono::seconds will_delay() const;
  [[nodiscard]] std::optional<cluster::will_record>
  will_as_recorded(const both_clocks& now) const;
  [[nodiscard]] bool must_wait(mqtt::time_point now) const;
  void record_session();
  void record_attach();
  void close(mqtt::reason_code code);
  void schedule_timer();
  void give_shared_away();
  [[nodiscard]] bool give_away(const mqtt::delivery& item);
  void on_given(std::uint64_t stored, persistence::errc code);
  void forget_subscriptions();
  [[nodiscard]] mqtt::reason_code add(const mqtt::subscribe_entry& entry,
                                      std::uint32_t subscription_id,
                                      subscription_changes& changes);
  void feed_retained(const mqtt::subscribe_entry& entry, bool is_new,
                     std::uint32_t subscription_id);
  void undo(std::string_view failed_filter, const subscribe_answer& of);
  void answer_subscribe(subscribe_answer& answer,
                        std::span<const std::string> failed_filters);
  void answer_unsubscribe(const subscribe_answer& answer, bool has_failed);
  void fetch_retained();
  void note_load();

  site& local_;
  queue_id id_;
  queue_actor_port& actor_;
  session_port* session_ = nullptr;
  mqtt::session_state state_;
  pending_queue pending_;
  std::unique_ptr<stored_queue> stored_; // null: in memory only
  subscription_list subscriptions_;
  retained_feed retained_;
  std::unique_ptr<will> will_;
  std::unique_ptr<subscribe_answer> answer_;
  std::unique_ptr<const queue_limits> granted_; // null: as configured
  std::uint32_t last_ticket_ = 0;
  /// Of the connection that is open or was the last; nullopt: never ends.
  std::optional<std::chrono::seconds> session_expiry_{0};
  /// Of the record in the metadata, one more with each CONNECT; 0: none.
  std::uint64_t epoch_ = 0;
  std::optional<mqtt::time_point> will_due_;
  std::optional<mqtt::time_point> expires_at_;
  /// When its connection ended; nullopt: it is open, or there was none yet.
  std::optional<cluster::unix_time> gone_since_;
  /// A CONNECT was accepted in this queue's life.
  bool exists_ = false;
  std::uint32_t connection_ = 0; ///< counts them
  /// What must be on disk before the metadata forgets a published will.
  std::uint8_t will_awaits_ = 0;
  /// It counts among the node's `wills_under_way`.
  bool is_will_under_way_ = false;
  /// PUBREC came for these, and the store is to know it.
  std::vector<storing_release> storing_;
  bool follows_recorded_ = false;
  bool is_recording_ = false;
  bool is_unwritten_ = false; ///< a batch failed; `load_again` asks for more
  bool is_changing_hands_ = false; ///< in `attach`, the former session ends
  bool retired_ = false;
};

} // namespace hetzel::messaging
