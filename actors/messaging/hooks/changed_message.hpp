#pragma once

#include "plugins/api/modifiers.hpp"
#include "protocol/message.hpp"

#include <string>

namespace hetzel::messaging {

/// A message as `on_deliver` changed it.
[[nodiscard]] mqtt::message_ptr
changed(const mqtt::message& from, const plugins::deliver_modifiers& changes);

/// What a PUBLISH becomes by what `auth_on_publish` changed. `coded` holds its
/// properties and must live until the message is made; views of `changes` are
/// put in.
void change(mqtt::message_fields& fields,
            const plugins::publish_modifiers& changes, mqtt::time_point now,
            std::string& coded);

} // namespace hetzel::messaging
