#pragma once

#include "protocol/basic_types.hpp"

#include <cstdint>
#include <optional>

namespace hetzel::mqtt {

/// Property identifiers of MQTT 5 (2.2.2.2).
enum class property_id : unsigned char {
  payload_format_indicator = 0x01,
  message_expiry_interval = 0x02,
  content_type = 0x03,
  response_topic = 0x08,
  correlation_data = 0x09,
  subscription_identifier = 0x0B,
  session_expiry_interval = 0x11,
  assigned_client_identifier = 0x12,
  server_keep_alive = 0x13,
  authentication_method = 0x15,
  authentication_data = 0x16,
  request_problem_information = 0x17,
  will_delay_interval = 0x18,
  request_response_information = 0x19,
  response_information = 0x1A,
  server_reference = 0x1C,
  reason_string = 0x1F,
  receive_maximum = 0x21,
  topic_alias_maximum = 0x22,
  topic_alias = 0x23,
  maximum_qos = 0x24,
  retain_available = 0x25,
  user_property = 0x26,
  maximum_packet_size = 0x27,
  wildcard_subscription_available = 0x28,
  subscription_identifier_available = 0x29,
  shared_subscription_available = 0x2A,
};

/// How a property's value is coded (MQTT 5, 1.5).
enum class property_type : unsigned char {
  none, ///< no such property
  byte,
  two_byte_integer,
  four_byte_integer,
  variable_byte_integer,
  utf8_string,
  binary_data,
  utf8_string_pair,
};

[[nodiscard]] property_type type_of(property_id id) noexcept;

/// One property. `integer` holds numbers of any width, `value` strings and
/// binary data, `name` the first half of a user property.
struct property {
  property_id id{};
  std::uint32_t integer = 0;
  bytes_view value;
  bytes_view name;
};

/// The properties of one packet, in the order they came: a view of the coded
/// bytes *after* the Property Length. A view from the decoder is validated
/// (known identifiers, allowed in that packet, no forbidden duplicates, value
/// ranges, UTF-8), so reading it cannot fail.
class property_view {
public:
  property_view() = default;

  explicit property_view(bytes_view validated) : bytes_(validated) {}

  [[nodiscard]] bytes_view bytes() const noexcept { return bytes_; }

  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }

  /// The first property of that kind.
  [[nodiscard]] std::optional<property> find(property_id id) const noexcept;

  [[nodiscard]] std::optional<std::uint32_t>
  integer(property_id id) const noexcept;

  [[nodiscard]] std::optional<bytes_view> value(property_id id) const noexcept;

  /// Calls `visit(const property&)` for each.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    auto rest = bytes_;
    while (!rest.empty())
      visit(take_property(rest));
  }

private:
  /// Removes the first property from `rest` and returns it.
  static property take_property(bytes_view& rest) noexcept;

  bytes_view bytes_;
};

} // namespace hetzel::mqtt
