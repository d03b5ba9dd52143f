#include "actors/messaging/will.hpp"

#include "protocol/encoder.hpp"

namespace hetzel::messaging {

namespace {

/// Will Delay and Message Expiry Interval are the server's business; the rest
/// goes to the receivers.
std::string travelling_properties(const mqtt::property_view& properties) {
  std::string coded;
  mqtt::property_writer writer{coded};
  properties.for_each([&](const mqtt::property& one) {
    if (one.id != mqtt::property_id::will_delay_interval
        && one.id != mqtt::property_id::message_expiry_interval)
      writer.copy(one);
  });
  return coded;
}

} // namespace

std::unique_ptr<will> will::copy_of(const mqtt::connect& packet,
                                    std::chrono::seconds delay) {
  if (!packet.will)
    return nullptr;
  const auto& source = *packet.will;
  auto copy = std::make_unique<will>();
  copy->topic_name = source.topic_name;
  copy->payload = source.payload;
  copy->properties = travelling_properties(source.properties);
  copy->quality = source.quality;
  copy->retain = source.retain;
  if (auto expiry = source.properties.integer(
        mqtt::property_id::message_expiry_interval))
    copy->expiry_interval = std::chrono::seconds{*expiry};
  copy->delay = delay;
  copy->version = packet.version;
  return copy;
}

mqtt::message_ptr will::to_message(mqtt::bytes_view mountpoint,
                                   mqtt::publisher_id publisher,
                                   mqtt::time_point now) const {
  mqtt::message_fields fields;
  fields.mountpoint = mountpoint;
  fields.topic_name = topic_name;
  fields.payload = payload;
  fields.properties = properties;
  fields.quality = quality;
  fields.retain = retain;
  if (expiry_interval)
    fields.expires_at = now + *expiry_interval;
  fields.publisher = publisher;
  return mqtt::message::make(fields);
}

} // namespace hetzel::messaging
