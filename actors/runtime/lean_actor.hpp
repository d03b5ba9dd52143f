#pragma once

#include "actors/runtime/introspection.hpp"
#include "actors/runtime/reactor.hpp"
#include "actors/runtime/timer_wheel.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/error.hpp>
#include <caf/intrusive/lifo_inbox.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/make_actor.hpp>
#include <caf/message.hpp>
#include <caf/monitorable_actor.hpp>
#include <caf/resumable.hpp>
#include <caf/sec.hpp>

#include <cstdint>
#include <forward_list>
#include <functional>
#include <utility>

namespace hetzel::runtime {

/// A pinned actor of about 300 bytes, where an event-based one takes 1,300:
/// for what a node has once per client. Like `pinned` it runs on one reactor
/// only, answers `describe_atom`, can be sent to, monitored, told to exit and
/// killed, and an exception ends it alone.
///
/// What it gives up is CAF's behaviours, trapping exits, and monitoring or
/// linking to others: an exit message with a reason ends it. Messages run in
/// the order they came, urgent ones first at the start of a turn.
///
/// A derived class is one actor: it must be `final`, inherit from this first,
/// and keep what it owns where `on_end` can let go of it, since the memory of
/// an actor lives as long as the last handle.
class lean_actor : public caf::monitorable_actor, public caf::resumable {
public:
  /// The reactor is the host that `spawn_lean` put into `config`.
  explicit lean_actor(caf::actor_config& config);
  ~lean_actor() override;

  [[nodiscard]] reactor& home() const noexcept { return home_; }

  /// Ends the actor with `reason` (none: normally) in a turn of its own. Only
  /// on the reactor's thread.
  void end_later(caf::error reason = {});

  // -- for CAF ---------------------------------------------------------------

  using caf::monitorable_actor::enqueue;
  bool enqueue(caf::mailbox_element_ptr element, caf::execution_unit*) override;
  resume_result resume(caf::execution_unit*, std::size_t messages_max) override;
  subtype_t subtype() const override { return scheduled_actor; }
  void intrusive_ptr_add_ref_impl() override;
  void intrusive_ptr_release_impl() override;
  void on_destroy() override;
  void setup_metrics() noexcept {}
  void launch();

protected:
  /// Its first turn.
  virtual void on_start() = 0;

  /// A one-way message of its interface; false: it is none.
  virtual bool on_message(caf::message&) { return false; }

  /// For `describe`.
  [[nodiscard]] virtual state_entries state() = 0;

  /// However it ends, and the last of its calls: lets go of what it owns. It
  /// may never have started, and its reactor may have stopped.
  virtual void on_end() noexcept = 0;

  /// Sends a request, to which the answer is at most one value, and calls
  /// `on_answer(Answer&...)` or `on_error(const caf::error&)`: later, on the
  /// reactor, once, unless the actor ends before.
  template <class... Answer, class Handle, class OnAnswer, class OnError>
    requires(sizeof...(Answer) <= 1)
  void ask(const Handle& whom, mqtt::duration timeout, caf::message question,
           OnAnswer on_answer, OnError on_error) {
    send_request(
      caf::actor_cast<caf::strong_actor_ptr>(whom), timeout,
      std::move(question),
      [on_answer = std::move(on_answer), on_error = std::move(on_error)](
        caf::message& answer, const caf::error& failure) {
        if (failure)
          on_error(failure);
        else if (!answer.match_elements<Answer...>())
          on_error(caf::make_error(caf::sec::unexpected_response));
        else
          on_answer(answer.get_mutable_as<Answer>(0)...);
      });
  }

  /// Calls `body` after `delay`, zero: in a later message of its own.
  void call_later(mqtt::duration delay, std::function<void()> body);

private:
  using answer_handler
    = std::function<void(caf::message& answer, const caf::error& failure)>;

  struct inbox_policy {
    using mapped_type = caf::mailbox_element;
    using unique_pointer = caf::mailbox_element_ptr;
  };

  /// What waits for a response or for its time.
  struct open_call;

  void send_request(const caf::strong_actor_ptr& whom, mqtt::duration timeout,
                    caf::message question, answer_handler handler);
  caf::message_id open(mqtt::duration timeout, answer_handler handler);
  void settle(caf::message_id id, caf::message& answer,
              const caf::error& failure);

  void take_inbox() noexcept;
  caf::mailbox_element_ptr next_message() noexcept;
  void handle(caf::mailbox_element& element);
  void answer(const caf::mailbox_element& question, caf::message content);
  [[nodiscard]] actor_description describe();
  void finish(caf::error reason);

  template <class Body>
  void guarded(const caf::mailbox_element* question, Body&& body);

  reactor& home_;
  caf::intrusive::lifo_inbox<inbox_policy> inbox_;
  caf::mailbox_element* waiting_ = nullptr; // taken from the inbox, in order
  std::forward_list<open_call> open_calls_;
  birth_record birth_;
  std::uint64_t handled_ = 0;
  std::uint32_t last_call_ = 0;
  bool has_started_ = false;
  bool has_ended_ = false;
};

/// Spawns the lean actor `Actor` on `home`, from any thread: it is constructed
/// by the caller (keep that trivial), all else runs on `home`. Hidden, as with
/// `spawn_pinned`.
template <class Handle, class Actor, class... Arguments>
Handle spawn_lean(reactor& home, Arguments&&... arguments) {
  auto& system = home.system();
  caf::actor_config config{&home};
  config.flags |= caf::abstract_actor::is_hidden_flag;
  const auto actor = caf::make_actor<Actor, caf::strong_actor_ptr>(
    system.next_actor_id(), system.node(), &system, config,
    std::forward<Arguments>(arguments)...);
  static_cast<Actor*>(actor->get())->launch();
  return caf::actor_cast<Handle>(actor);
}

} // namespace hetzel::runtime
