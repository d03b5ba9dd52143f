#include "actors/messaging/client_limits.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/hooks/granted.hpp"

#include <string>

namespace hetzel::messaging {

namespace {

/// Topics that a client may use for answers to its own requests: unlike those
/// of all others, and without what would be a wildcard (MQTT 5, 4.10.1).
std::string response_information(mqtt::bytes_view client_id) {
  std::string topic = "response/";
  for (const char letter : client_id) {
    if (letter == '+')
      topic += "%2B";
    else if (letter == '#')
      topic += "%23";
    else
      topic += letter;
  }
  return topic;
}

} // namespace

mqtt::session_limits limits_of(const live_config& config,
                               const net::accepted_client& client) {
  auto limits = config.limits;
  limits.allowed_versions = client.slot->config().allowed_versions;
  limits.connection_lifetime_max
    = client.slot->config().connection_lifetime_max;
  limits.response_information
    = response_information(client.request->client_id);
  if (const auto* const changes = granted::of(client)) {
    apply(*changes, limits);
    if (changes->response_information)
      limits.response_information = *changes->response_information;
  }
  return limits;
}

} // namespace hetzel::messaging
