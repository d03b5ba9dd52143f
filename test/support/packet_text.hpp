#pragma once

#include "protocol/packet.hpp"

#include <string>

namespace hetzel::test {

/// A packet with all its fields as text, for comparing and for reading what
/// went wrong: equal texts are equal packets. In a PUBLISH the properties that
/// have fields of their own (topic alias, expiry) are left out of the list.
[[nodiscard]] std::string to_text(const mqtt::control_packet& packet);

[[nodiscard]] std::string to_text(mqtt::property_view properties);

} // namespace hetzel::test
