#include "protocol/packet.hpp"

#include <array>
#include <cstddef>

namespace hetzel::mqtt {

namespace {

constexpr std::array<std::string_view, 16> names = {
  "reserved", "connect",  "connack",    "publish", "puback",      "pubrec",
  "pubrel",   "pubcomp",  "subscribe",  "suback",  "unsubscribe", "unsuback",
  "pingreq",  "pingresp", "disconnect", "auth",
};

} // namespace

std::string_view to_string(packet_type type) noexcept {
  auto index = static_cast<std::size_t>(type);
  return index < names.size() ? names[index] : names.front();
}

} // namespace hetzel::mqtt
