#include "actors/runtime/lean_actor.hpp"

#include "actors/runtime/exit_messages.hpp"
#include "actors/runtime/log.hpp"

#include <caf/detail/sync_request_bouncer.hpp>
#include <caf/exit_reason.hpp>
#include <caf/system_messages.hpp>

#include <chrono>
#include <exception>
#include <memory>

namespace hetzel::runtime {

namespace {

using element_ptr = caf::mailbox_element_ptr;

caf::mailbox_element* next_of(const caf::mailbox_element& element) noexcept {
  return static_cast<caf::mailbox_element*>(element.next);
}

void bounce_all(caf::mailbox_element* list, const caf::error& reason) {
  const caf::detail::sync_request_bouncer bounce{reason};
  while (list) {
    const element_ptr element{std::exchange(list, next_of(*list))};
    bounce(element->sender, element->mid);
  }
}

} // namespace

struct lean_actor::open_call final : timer {
  open_call(lean_actor& of, caf::message_id as, answer_handler with)
    : owner(of), id(as), handler(std::move(with)) {}

  void on_timeout(mqtt::time_point) override {
    auto& actor = owner;
    caf::message none;
    try {
      actor.settle(id, none, caf::make_error(caf::sec::request_timeout));
    } catch (...) {
      auto failure = std::current_exception();
      actor.end_later(detail::on_exception(&actor, failure));
    }
  }

  lean_actor& owner;
  caf::message_id id;
  answer_handler handler;
};

lean_actor::lean_actor(caf::actor_config& config)
  : caf::monitorable_actor(config),
    home_(*static_cast<reactor*>(config.host)),
    birth_(birth_record::make()) {
  home_.actor_began();
}

lean_actor::~lean_actor() = default;

// -- life ---------------------------------------------------------------------

void lean_actor::launch() {
  intrusive_ptr_add_ref(ctrl());
  home_.exec_later(this);
}

void lean_actor::end_later(caf::error reason) {
  enqueue(end_message(std::move(reason)), &home_);
}

/// Also without a turn: the reactor stopped first, or never ran.
void lean_actor::on_destroy() {
  if (!has_ended_)
    finish(caf::make_error(caf::exit_reason::unreachable));
  caf::monitorable_actor::on_destroy();
}

void lean_actor::finish(caf::error reason) {
  has_ended_ = true;
  on_end();
  open_calls_.clear();
  bounce_all(std::exchange(waiting_, nullptr), reason);
  auto bounce = [&](caf::mailbox_element* element) {
    element->next = nullptr;
    bounce_all(element, reason);
  };
  inbox_.close(bounce);
  cleanup(std::move(reason), &home_);
  home_.actor_ended();
}

void lean_actor::intrusive_ptr_add_ref_impl() {
  intrusive_ptr_add_ref(ctrl());
}

void lean_actor::intrusive_ptr_release_impl() {
  intrusive_ptr_release(ctrl());
}

// -- mailbox ------------------------------------------------------------------

bool lean_actor::enqueue(element_ptr element, caf::execution_unit*) {
  const auto id = element->mid;
  const auto sender = id.is_request() ? element->sender : nullptr;
  switch (inbox_.push_front(std::move(element))) {
    case caf::intrusive::inbox_result::unblocked_reader:
      intrusive_ptr_add_ref(ctrl());
      home_.exec_later(this);
      return true;
    case caf::intrusive::inbox_result::success:
      return true;
    case caf::intrusive::inbox_result::queue_closed:
      if (id.is_request())
        caf::detail::sync_request_bouncer{fail_state()}(sender, id);
      return false;
  }
  return false;
}

/// The inbox has the newest first. Urgent ones go to the front of what waits,
/// the others to its end.
void lean_actor::take_inbox() noexcept {
  if (inbox_.empty())
    return;
  caf::mailbox_element* urgent = nullptr;
  caf::mailbox_element* normal = nullptr;
  for (auto* element = inbox_.take_head(); element;) {
    auto& list = element->is_high_priority() ? urgent : normal;
    auto* const next = next_of(*element);
    element->next = std::exchange(list, element);
    element = next;
  }
  const auto append = [](caf::mailbox_element*& list,
                         caf::mailbox_element* more) {
    if (!list) {
      list = more;
      return;
    }
    auto* last = list;
    while (last->next)
      last = next_of(*last);
    last->next = more;
  };
  append(waiting_, normal);
  append(urgent, waiting_);
  waiting_ = urgent;
}

element_ptr lean_actor::next_message() noexcept {
  if (!waiting_)
    take_inbox();
  if (waiting_)
    return element_ptr{std::exchange(waiting_, next_of(*waiting_))};
  return nullptr;
}

caf::resumable::resume_result lean_actor::resume(caf::execution_unit*,
                                                 std::size_t messages_max) {
  if (!std::exchange(has_started_, true))
    guarded(nullptr, [this] { on_start(); });
  if (has_ended_)
    return done;
  take_inbox();
  for (std::size_t count = 0; count < messages_max; ++count) {
    const auto element = next_message();
    if (!element) {
      if (inbox_.try_block())
        return awaiting_message;
      continue;
    }
    ++handled_;
    guarded(element.get(), [&] { handle(*element); });
    if (has_ended_)
      return done;
  }
  return resume_later;
}

/// An exception ends the actor at once; who asked is told.
template <class Body>
void lean_actor::guarded(const caf::mailbox_element* question, Body&& body) {
  try {
    body();
  } catch (...) {
    auto failure = std::current_exception();
    auto reason = detail::on_exception(this, failure);
    if (question)
      answer(*question, caf::make_message(reason));
    finish(std::move(reason));
  }
}

void lean_actor::handle(caf::mailbox_element& element) {
  auto& content = element.content();
  if (element.mid.is_response()) {
    const bool failed = content.match_elements<caf::error>();
    settle(element.mid, content,
           failed ? content.get_as<caf::error>(0) : caf::error{});
  } else if (content.match_elements<describe_atom>()) {
    answer(element, caf::make_message(describe()));
  } else if (content.match_elements<caf::exit_msg>()) {
    if (const auto& reason = content.get_as<caf::exit_msg>(0).reason)
      finish(reason);
  } else if (content.match_elements<caf::error>()) {
    finish(content.get_as<caf::error>(0));
  } else if (!on_message(content)) {
    detail::log_unexpected(*this, "actor.unexpected_message");
    answer(element, caf::make_message(
                      caf::make_error(caf::sec::unexpected_message)));
  }
}

void lean_actor::answer(const caf::mailbox_element& question,
                        caf::message content) {
  if (question.mid.is_request() && question.sender)
    question.sender->enqueue(ctrl(), question.mid.response_id(),
                             std::move(content), &home_);
}

actor_description lean_actor::describe() {
  take_inbox();
  std::size_t mailbox_size = 0;
  for (auto* element = waiting_; element; element = next_of(*element))
    ++mailbox_size;
  auto result = detail::describe(*this, birth_, mailbox_size, handled_);
  result.reactor = home_.index();
  result.state = state();
  return result;
}

// -- requests -----------------------------------------------------------------

caf::message_id lean_actor::open(mqtt::duration timeout,
                                 answer_handler handler) {
  const caf::message_id id{++last_call_};
  auto& call = open_calls_.emplace_front(*this, id, std::move(handler));
  if (timeout > mqtt::duration::zero())
    home_.timers().schedule(call, home_.now() + timeout);
  return id;
}

void lean_actor::send_request(const caf::strong_actor_ptr& whom,
                              mqtt::duration timeout, caf::message question,
                              answer_handler handler) {
  const auto id = open(timeout, std::move(handler));
  if (whom)
    whom->enqueue(ctrl(), id.with_normal_priority(), std::move(question),
                  &home_);
  else
    enqueue(ctrl(), id.response_id(),
            caf::make_message(caf::make_error(caf::sec::invalid_argument)),
            &home_);
}

void lean_actor::call_later(mqtt::duration delay, std::function<void()> body) {
  const auto id = open(delay, [body = std::move(body)](
                                caf::message&, const caf::error&) { body(); });
  if (delay <= mqtt::duration::zero())
    enqueue(ctrl(), id.response_id(), caf::make_message(), &home_);
}

/// A late answer finds nothing. The handler is off the list before it runs: it
/// may open others.
void lean_actor::settle(caf::message_id id, caf::message& answer,
                        const caf::error& failure) {
  auto before = open_calls_.before_begin();
  for (auto call = open_calls_.begin(); call != open_calls_.end();
       before = call++) {
    if (call->id.request_id() != id.request_id())
      continue;
    const auto handler = std::move(call->handler);
    open_calls_.erase_after(before);
    handler(answer, failure);
    return;
  }
}

} // namespace hetzel::runtime
