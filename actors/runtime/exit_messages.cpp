#include "actors/runtime/exit_messages.hpp"

#include <caf/exit_reason.hpp>
#include <caf/local_actor.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/system_messages.hpp>

#include <utility>

namespace hetzel::runtime {

void send_kill(caf::local_actor& sender, const caf::strong_actor_ptr& target) {
  target->enqueue(
    caf::make_mailbox_element(
      nullptr, caf::make_message_id(caf::message_priority::high), {},
      caf::exit_msg{sender.address(), caf::exit_reason::kill}),
    sender.context());
}

caf::mailbox_element_ptr end_message(caf::error reason) {
  return caf::make_mailbox_element(
    nullptr, caf::make_message_id(caf::message_priority::high), {},
    std::move(reason));
}

bool is_abnormal(const caf::error& reason) {
  return reason && reason != caf::exit_reason::user_shutdown;
}

const char* kind_of(const caf::strong_actor_ptr& actor) {
  const auto* local
    = dynamic_cast<const caf::monitorable_actor*>(actor->get());
  return local ? local->name() : "remote";
}

} // namespace hetzel::runtime
