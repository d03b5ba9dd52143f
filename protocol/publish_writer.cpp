#include "protocol/publish_writer.hpp"

#include "protocol/assert.hpp"
#include "protocol/packet.hpp"

#include <cstring>

namespace hetzel::mqtt {

namespace {

constexpr std::size_t packet_id_size = 2;
constexpr std::size_t topic_alias_size = 3;
constexpr std::size_t expiry_size = 5;
constexpr std::size_t fixed_header_size_max = 5;

std::uint32_t seconds_left(time_point deadline, time_point now) noexcept {
  if (deadline <= now)
    return 0;
  auto left = std::chrono::ceil<std::chrono::seconds>(deadline - now);
  return static_cast<std::uint32_t>(left.count());
}

std::size_t subscription_ids_size(const delivery& item) noexcept {
  std::size_t size = 0;
  if (item.ids)
    for (auto id : *item.ids)
      size += 1 + variable_byte_integer_size(id);
  return size;
}

std::size_t topic_field_size(const delivery& item,
                             const publish_form& form) noexcept {
  return form.topic_known ? 2 : item.message->topic_field().size();
}

char* write_bytes(char* to, bytes_view bytes) noexcept {
  std::memcpy(to, bytes.data(), bytes.size());
  return to + bytes.size();
}

char* write_two_bytes(char* to, std::uint16_t value) noexcept {
  *to++ = static_cast<char>(value >> 8);
  *to++ = static_cast<char>(value & 0xFF);
  return to;
}

char* write_property_id(char* to, property_id id) noexcept {
  *to++ = static_cast<char>(id);
  return to;
}

char* write_fixed_header(char* to, const delivery& item,
                         const publish_form& form,
                         const publish_layout& layout) noexcept {
  auto first = static_cast<unsigned>(packet_type::publish) << 4
               | (form.dup ? 8U : 0U)
               | static_cast<unsigned>(item.quality) << 1
               | (item.retain ? 1U : 0U);
  *to++ = static_cast<char>(first);
  return write_variable_byte_integer(
    to, static_cast<std::uint32_t>(layout.remaining_length));
}

char* write_topic(char* to, const delivery& item,
                  const publish_form& form) noexcept {
  if (form.topic_known)
    return write_two_bytes(to, 0);
  return write_bytes(to, item.message->topic_field());
}

// Those that differ by subscriber; the rest is copied from the message.
char* write_own_properties(char* to, const delivery& item,
                           const publish_form& form,
                           const publish_layout& layout) noexcept {
  to = write_variable_byte_integer(to, layout.properties_size);
  if (form.topic_alias != 0) {
    to = write_property_id(to, property_id::topic_alias);
    to = write_two_bytes(to, form.topic_alias);
  }
  if (item.message->expires_at()) {
    auto seconds = layout.expiry_seconds;
    to = write_property_id(to, property_id::message_expiry_interval);
    to = write_two_bytes(to, static_cast<std::uint16_t>(seconds >> 16));
    to = write_two_bytes(to, static_cast<std::uint16_t>(seconds & 0xFFFF));
  }
  if (item.ids)
    for (auto id : *item.ids) {
      to = write_property_id(to, property_id::subscription_identifier);
      to = write_variable_byte_integer(to, id);
    }
  return to;
}

// Everything in front of the properties of the message and its payload.
void write_head(std::string& out, const delivery& item,
                const publish_form& form, const publish_layout& layout) {
  auto copied = item.message->payload().size();
  if (form.version == protocol_version::v5)
    copied += item.message->properties().bytes().size();
  auto head_size = layout.packet_size() - copied;
  auto start = out.size();
  out.resize(start + head_size);
  auto* to = out.data() + start;
  to = write_fixed_header(to, item, form, layout);
  to = write_topic(to, item, form);
  if (item.quality != qos::at_most_once)
    to = write_two_bytes(to, form.id);
  if (form.version == protocol_version::v5)
    to = write_own_properties(to, item, form, layout);
  HETZEL_ASSERT(to == out.data() + out.size());
}

} // namespace

publish_layout plan_publish(const delivery& item, const publish_form& form,
                            time_point now) noexcept {
  publish_layout layout;
  const auto& message = *item.message;
  layout.remaining_length
    = topic_field_size(item, form) + message.payload().size();
  if (item.quality != qos::at_most_once)
    layout.remaining_length += packet_id_size;
  if (form.version != protocol_version::v5)
    return layout;
  auto properties
    = message.properties().bytes().size() + subscription_ids_size(item);
  if (form.topic_alias != 0)
    properties += topic_alias_size;
  if (auto deadline = message.expires_at()) {
    properties += expiry_size;
    layout.expiry_seconds = seconds_left(*deadline, now);
  }
  layout.properties_size = static_cast<std::uint32_t>(properties);
  layout.remaining_length
    += variable_byte_integer_size(properties) + properties;
  return layout;
}

void write_publish(output_buffer& out, const delivery& item,
                   const publish_form& form, const publish_layout& layout) {
  const auto& message = *item.message;
  auto payload = message.payload();
  auto is_shared = payload.size() >= output_buffer::shared_min_bytes;
  auto& tail = out.tail();
  if (form.version != protocol_version::v5 && !is_shared
      && item.quality == qos::at_most_once) {
    char header[fixed_header_size_max];
    auto* end = write_fixed_header(header, item, form, layout);
    tail.append(header, static_cast<std::size_t>(end - header));
    tail.append(message.topic_and_payload());
    return;
  }
  write_head(tail, item, form, layout);
  if (form.version == protocol_version::v5)
    tail.append(message.properties().bytes());
  if (is_shared)
    out.append(item.message, payload);
  else
    tail.append(payload);
}

} // namespace hetzel::mqtt
