#pragma once

#include "plugins/api/hook.hpp"
#include "plugins/api/modifiers.hpp"
#include "protocol/expected.hpp"
#include "protocol/reason_code.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// Modifiers as scripts and webhooks have them: names with values of no
/// particular type. Read here into the typed ones, all or nothing.

namespace hetzel::plugins {

/// A value of JSON, more or less. Binary text is allowed in strings.
struct modifier_value {
  using list = std::vector<modifier_value>;
  using map = std::vector<std::pair<std::string, modifier_value>>;

  std::variant<std::monostate, bool, std::int64_t, double, std::string, list,
               map>
    content;
};

/// The sentence for the log: "can't validate modifier …" names what is unknown,
/// of the wrong type or out of range. It cites no value.
template <class Modifiers>
using parsed_modifiers = mqtt::expected<Modifiers, std::string>;

/// Each wants the names of the specification's section 5, for 3.x or 5.0:
/// `properties` are unknown to the former. Numbers may be floats with an
/// integral meaning, which are rounded.
[[nodiscard]] parsed_modifiers<register_modifiers>
parse_register_modifiers(const modifier_value::map& from, hook_form form);
[[nodiscard]] parsed_modifiers<publish_modifiers>
parse_publish_modifiers(const modifier_value::map& from, hook_form form);
[[nodiscard]] parsed_modifiers<deliver_modifiers>
parse_deliver_modifiers(const modifier_value::map& from, hook_form form);
[[nodiscard]] parsed_modifiers<auth_modifiers>
parse_auth_modifiers(const modifier_value::map& from);

/// The list itself: of [filter, qos] (3.x), or with options behind the QoS, or
/// of maps with `topic`, `qos`, `no_local`, `rap`, `retain_handling`. A QoS of
/// 0x80 and above refuses that filter.
[[nodiscard]] parsed_modifiers<subscribe_modifiers>
parse_subscribe_modifiers(const modifier_value::list& from, hook_form form);
/// Of filters.
[[nodiscard]] parsed_modifiers<unsubscribe_modifiers>
parse_unsubscribe_modifiers(const modifier_value::list& from);

/// A name of the specification's section 6; nullopt: there is none such.
[[nodiscard]] std::optional<mqtt::reason_code>
find_reason_code(std::string_view name) noexcept;

} // namespace hetzel::plugins
