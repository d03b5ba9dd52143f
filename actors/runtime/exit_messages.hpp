#pragma once

#include <caf/actor_control_block.hpp>
#include <caf/error.hpp>
#include <caf/fwd.hpp>
#include <caf/mailbox_element.hpp>

namespace hetzel::runtime {

/// Tells `target` to end at once, before anything else that waits in its
/// mailbox; it cannot refuse. `sender` is the one to name as the source.
void send_kill(caf::local_actor& sender, const caf::strong_actor_ptr& target);

/// For an actor's own mailbox: it ends with `reason` (none: normally), before
/// anything else that waits there.
[[nodiscard]] caf::mailbox_element_ptr end_message(caf::error reason);

/// Neither a normal end nor an ordered one.
[[nodiscard]] bool is_abnormal(const caf::error& reason);

/// The name of its class, if it lives in this process.
[[nodiscard]] const char* kind_of(const caf::strong_actor_ptr& actor);

} // namespace hetzel::runtime
