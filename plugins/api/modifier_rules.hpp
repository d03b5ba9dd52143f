#pragma once

#include "plugins/api/modifiers.hpp"
#include "protocol/basic_types.hpp"
#include "protocol/topic.hpp"

#include <string>
#include <string_view>

/// What modifiers may say, whoever made them. One that breaks a rule makes the
/// whole answer an error: a refusal, or for `on_deliver` and `on_unsubscribe`
/// no change.

namespace hetzel::plugins {

/// What is wrong; empty: nothing. For the log.
using modifier_fault = std::string_view;

[[nodiscard]] modifier_fault check(const register_modifiers& changes) noexcept;
[[nodiscard]] modifier_fault check(const publish_modifiers& changes,
                                   const mqtt::topic_limits& limits) noexcept;
[[nodiscard]] modifier_fault check(const subscribe_modifiers& changes,
                                   const mqtt::topic_limits& limits) noexcept;
[[nodiscard]] modifier_fault check(const unsubscribe_modifiers& changes,
                                   const mqtt::topic_limits& limits) noexcept;
[[nodiscard]] modifier_fault check(const deliver_modifiers& changes,
                                   const mqtt::topic_limits& limits) noexcept;
/// `method` is the client's.
[[nodiscard]] modifier_fault check(const auth_modifiers& changes,
                                   mqtt::bytes_view method) noexcept;

/// The properties in their coded form, without expiry and will delay, which do
/// not travel. Precondition: they passed `check`.
[[nodiscard]] std::string encode(const message_properties& properties);
/// User properties alone.
void encode(const user_properties& properties, std::string& out);

} // namespace hetzel::plugins
