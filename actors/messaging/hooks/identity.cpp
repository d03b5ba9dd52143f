#include "actors/messaging/hooks/identity.hpp"

#include "actors/messaging/hooks/granted.hpp"

#include <array>
#include <utility>

namespace hetzel::messaging {

namespace {

struct listener_kind {
  mqtt::bytes_view prefix;
  mqtt::bytes_view type;
};

/// VerneMQ's words, by what a listener's name begins with.
constexpr std::array kinds{
  listener_kind{"tcp.", "mqtt"},
  listener_kind{"ssl.", "mqtts"},
  listener_kind{"ws.", "mqttws"},
  listener_kind{"wss.", "mqttwss"},
};

mqtt::bytes_view type_of(mqtt::bytes_view listener) noexcept {
  for (const auto& one : kinds)
    if (listener.starts_with(one.prefix))
      return one.type;
  return "mqtt";
}

std::optional<mqtt::bytes_view>
view_of(const std::optional<std::string>& text) noexcept {
  if (!text)
    return std::nullopt;
  return mqtt::bytes_view{*text};
}

} // namespace

plugins::subscriber subscriber_of(const subscriber_key& key) noexcept {
  return {key.mountpoint(), key.client_id()};
}

plugins::client client_of(const mqtt::connect_request& request,
                          const net::accepted_socket& from) {
  plugins::client made{{from.mountpoint, request.client_id},
                       view_of(request.user_name),
                       request.packet.version};
  if (const auto* const changes = granted::of(from))
    made.attachment = changes->attachment;
  else if (const auto* const proved = proof_of(request))
    made.attachment = proved->attachment;
  return made;
}

plugins::connection connection_of(const net::connection_slot& slot,
                                  mqtt::bytes_view peer) {
  const auto& listener = slot.config();
  plugins::connection made;
  made.peer = peer;
  made.listener = listener.name;
  made.listener_address = listener.address;
  made.listener_port = listener.port;
  made.listener_type = type_of(listener.name);
  return made;
}

plugins::publish_request publish_of(const plugins::client& client,
                                    const mqtt::message& message) {
  plugins::publish_request made;
  made.client = client;
  made.topic_name = message.topic_name();
  made.payload = message.payload();
  made.quality = message.quality();
  made.retain = message.retain();
  made.properties = message.properties();
  return made;
}

plugins::deliver_request deliver_of(const plugins::client& client,
                                    const mqtt::delivery& item) {
  plugins::deliver_request made;
  made.client = client;
  made.topic_name = item.message->topic_name();
  made.payload = item.message->payload();
  made.quality = item.quality;
  made.retain = item.retain;
  made.properties = item.message->properties();
  return made;
}

plugins::message_event event_of(const subscriber_key& key,
                                const mqtt::delivery& item) {
  plugins::message_event made;
  made.id = subscriber_of(key);
  made.topic_name = item.message->topic_name();
  made.payload = item.message->payload();
  made.quality = item.quality;
  made.retain = item.retain;
  made.properties = item.message->properties();
  return made;
}

} // namespace hetzel::messaging
