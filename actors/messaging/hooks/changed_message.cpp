#include "actors/messaging/hooks/changed_message.hpp"

#include "plugins/api/modifier_rules.hpp"

namespace hetzel::messaging {

mqtt::message_ptr changed(const mqtt::message& from,
                          const plugins::deliver_modifiers& changes) {
  mqtt::message_fields fields;
  fields.mountpoint = from.mountpoint();
  fields.topic_name = from.topic_name();
  fields.payload = from.payload();
  fields.properties = from.properties().bytes();
  fields.quality = from.quality();
  fields.retain = from.retain();
  fields.expires_at = from.expires_at();
  fields.publisher = from.publisher();
  std::string coded;
  if (changes.topic_name)
    fields.topic_name = *changes.topic_name;
  if (changes.payload)
    fields.payload = *changes.payload;
  if (changes.properties) {
    coded = plugins::encode(*changes.properties);
    fields.properties = coded;
  }
  return mqtt::message::make(fields);
}

void change(mqtt::message_fields& fields,
            const plugins::publish_modifiers& changes, mqtt::time_point now,
            std::string& coded) {
  if (changes.topic_name)
    fields.topic_name = *changes.topic_name;
  if (changes.payload)
    fields.payload = *changes.payload;
  if (changes.quality)
    fields.quality = *changes.quality;
  if (changes.retain)
    fields.retain = *changes.retain;
  if (changes.mountpoint)
    fields.mountpoint = *changes.mountpoint;
  if (!changes.properties)
    return;
  coded = plugins::encode(*changes.properties);
  fields.properties = coded;
  const auto& expiry = changes.properties->message_expiry_interval;
  fields.expires_at = expiry ? std::optional{now + *expiry} : std::nullopt;
}

} // namespace hetzel::messaging
