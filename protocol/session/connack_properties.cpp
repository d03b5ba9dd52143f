#include "protocol/session/connack_properties.hpp"

#include "protocol/property_writer.hpp"
#include "protocol/session/session_expiry.hpp"

#include <limits>

namespace hetzel::mqtt {

namespace {

// Fixed header, flags, code, and both lengths at their longest.
constexpr std::size_t connack_overhead_max = 1 + 4 + 2 + 4;

void write_grants(property_writer& to, const connect_request& request) {
  auto granted = encode_session_expiry(request.session_expiry);
  if (granted != requested_session_expiry(request.packet))
    to.integer(property_id::session_expiry_interval, granted);
  if (request.client_id_assigned)
    to.value(property_id::assigned_client_identifier, request.client_id);
  if (request.keep_alive_changed)
    to.integer(property_id::server_keep_alive,
               static_cast<std::uint32_t>(request.keep_alive.count()));
  if (!request.auth_method.empty())
    to.value(property_id::authentication_method, request.auth_method);
  if (!request.auth_data.empty())
    to.value(property_id::authentication_data, request.auth_data);
  to.copy(property_view{request.user_properties});
}

void write_limits(property_writer& to, const session_limits& limits) {
  constexpr auto receive_maximum_default
    = std::numeric_limits<std::uint16_t>::max();
  if (limits.receive_maximum_server < receive_maximum_default)
    to.integer(property_id::receive_maximum, limits.receive_maximum_server);
  if (limits.packet_size_max < packet_size_limit)
    to.integer(property_id::maximum_packet_size,
               static_cast<std::uint32_t>(limits.packet_size_max));
  if (limits.topic_alias_maximum_in > 0)
    to.integer(property_id::topic_alias_maximum,
               limits.topic_alias_maximum_in);
}

bool wants_response_information(const connect& packet) {
  return packet.properties.integer(property_id::request_response_information)
         == 1U;
}

} // namespace

std::string connack_properties(const session_limits& limits,
                               const connect_request& request) {
  std::string coded;
  if (request.packet.version != protocol_version::v5)
    return coded;
  property_writer to{coded};
  write_grants(to, request);
  write_limits(to, limits);
  if (limits.response_information.empty()
      || !wants_response_information(request.packet))
    return coded;
  auto without = coded.size();
  to.value(property_id::response_information, limits.response_information);
  auto accepted
    = request.packet.properties.integer(property_id::maximum_packet_size);
  if (accepted && coded.size() + connack_overhead_max > *accepted)
    coded.resize(without);
  return coded;
}

} // namespace hetzel::mqtt
