#include "plugins/api/modifier_reading.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

namespace hetzel::plugins {

namespace {

using mqtt::reason_code;

/// Integers up to here are exact in a float.
constexpr double exact_max = 9'007'199'254'740'992.0;

template <class T>
const T* as(const modifier_value& from) noexcept {
  return std::get_if<T>(&from.content);
}

template <class T, std::size_t Size>
bool read_word(const modifier_value& from,
               const std::array<std::pair<std::string_view, T>, Size>& words,
               T& to) noexcept {
  const auto* const text = as<std::string>(from);
  for (const auto& [word, meaning] : words)
    if (text && *text == word) {
      to = meaning;
      return true;
    }
  return false;
}

struct code_name {
  std::string_view name;
  reason_code code;
};

/// VerneMQ's names; where they differ from those of `mqtt::to_string` both are
/// known.
constexpr std::array code_names{
  code_name{"success", reason_code::success},
  code_name{"normal_disconnect", reason_code::success},
  code_name{"granted_qos0", reason_code::success},
  code_name{"granted_qos1", reason_code::granted_qos_1},
  code_name{"granted_qos2", reason_code::granted_qos_2},
  code_name{"disconnect_with_will_msg",
            reason_code::disconnect_with_will_message},
  code_name{"impl_specific_error", reason_code::implementation_specific_error},
  code_name{"bad_username_or_password",
            reason_code::bad_user_name_or_password},
  code_name{"invalid_credentials", reason_code::bad_user_name_or_password},
  code_name{"packet_id_in_use", reason_code::packet_identifier_in_use},
  code_name{"packet_id_not_found", reason_code::packet_identifier_not_found},
  code_name{"receive_max_exceeded", reason_code::receive_maximum_exceeded},
  code_name{"shared_subs_not_supported",
            reason_code::shared_subscriptions_not_supported},
  code_name{"max_connect_time", reason_code::maximum_connect_time},
  code_name{"subscription_ids_not_supported",
            reason_code::subscription_identifiers_not_supported},
  code_name{"wildcard_subs_not_supported",
            reason_code::wildcard_subscriptions_not_supported},
};

bool read_pair(const modifier_value& from,
               std::pair<std::string, std::string>& to) {
  if (const auto* const list = as<modifier_value::list>(from))
    return list->size() == 2 && read((*list)[0], to.first)
           && read((*list)[1], to.second);
  const auto* const map = as<modifier_value::map>(from);
  if (!map)
    return false;
  if (map->size() == 1) {
    to.first = map->front().first;
    return read(map->front().second, to.second);
  }
  bool has_key = false;
  bool has_value = false;
  for (const auto& [name, value] : *map) {
    has_key = has_key || (name == "key" && read(value, to.first));
    has_value = has_value || (name == "val" && read(value, to.second));
  }
  return map->size() == 2 && has_key && has_value;
}

} // namespace

std::optional<reason_code> find_reason_code(std::string_view name) noexcept {
  for (const auto& one : code_names)
    if (one.name == name)
      return one.code;
  const auto unknown = mqtt::to_string(static_cast<reason_code>(0xFF));
  for (unsigned code = 0; code <= 0xFF && name != unknown; ++code)
    if (const auto known = static_cast<reason_code>(code);
        mqtt::to_string(known) == name)
      return known;
  return std::nullopt;
}

bool read(const modifier_value& from, bool& to) noexcept {
  const auto* const flag = as<bool>(from);
  if (flag)
    to = *flag;
  return flag != nullptr;
}

bool read(const modifier_value& from, std::int64_t& to) noexcept {
  if (const auto* const number = as<std::int64_t>(from)) {
    to = *number;
    return true;
  }
  const auto* const number = as<double>(from);
  if (!number || !(std::abs(*number) < exact_max)
      || std::trunc(*number) != *number)
    return false;
  to = static_cast<std::int64_t>(*number);
  return true;
}

bool read(const modifier_value& from, std::string& to) {
  const auto* const text = as<std::string>(from);
  if (text)
    to = *text;
  return text != nullptr;
}

bool read(const modifier_value& from, queue_kind& to) noexcept {
  constexpr std::array<std::pair<std::string_view, queue_kind>, 2> words{
    {{"fifo", queue_kind::fifo}, {"lifo", queue_kind::lifo}}};
  return read_word(from, words, to);
}

bool read(const modifier_value& from, share_choice& to) noexcept {
  using enum share_choice;
  constexpr std::array<std::pair<std::string_view, share_choice>, 4> words{
    {{"prefer_local", prefer_local},
     {"random", random},
     {"local_only", local_only},
     {"prefer_online_before_local", prefer_online_before_local}}};
  return read_word(from, words, to);
}

bool read(const modifier_value& from, mqtt::qos& to) noexcept {
  std::int64_t level = 0;
  if (!read(from, level) || level < 0 || level > 2)
    return false;
  to = static_cast<mqtt::qos>(level);
  return true;
}

bool read(const modifier_value& from, mqtt::retain_handling& to) noexcept {
  using enum mqtt::retain_handling;
  constexpr std::array<std::pair<std::string_view, mqtt::retain_handling>, 3>
    words{{{"send_retain", send},
           {"send_if_new_sub", send_if_new},
           {"dont_send", do_not_send}}};
  return read_word(from, words, to);
}

bool read(const modifier_value& from, reason_code& to) noexcept {
  if (const auto* const name = as<std::string>(from)) {
    const auto known = find_reason_code(*name);
    to = known.value_or(reason_code::success);
    return known.has_value();
  }
  std::int64_t code = 0;
  if (!read(from, code) || code < 0 || code > 0xA2)
    return false;
  to = static_cast<reason_code>(code);
  return true;
}

bool read(const modifier_value& from, subscriber_id& to) {
  const auto* const map = as<modifier_value::map>(from);
  bool has_id = false;
  bool has_mountpoint = false;
  if (map)
    for (const auto& [name, value] : *map) {
      has_id = has_id || (name == "client_id" && read(value, to.client_id));
      has_mountpoint = has_mountpoint
                       || (name == "mountpoint" && read(value, to.mountpoint));
    }
  return map && map->size() == 2 && has_id && has_mountpoint;
}

bool read(const modifier_value& from, user_properties& to) {
  const auto* const list = as<modifier_value::list>(from);
  if (!list)
    return false;
  for (const auto& one : *list)
    if (!read_pair(one, to.emplace_back()))
      return false;
  return true;
}

} // namespace hetzel::plugins
