#include "protocol/message.hpp"

#include "protocol/assert.hpp"
#include "protocol/block_pool.hpp"

#include <cstring>
#include <limits>
#include <new>

namespace hetzel::mqtt {

namespace {

constexpr std::size_t length_prefix_bytes = 2;

char* append(char* to, bytes_view bytes) noexcept {
  if (!bytes.empty())
    std::memcpy(to, bytes.data(), bytes.size());
  return to + bytes.size();
}

std::size_t bytes_needed(const message_fields& fields) noexcept {
  return sizeof(message) + length_prefix_bytes + fields.topic_name.size()
         + fields.payload.size() + fields.properties.size()
         + fields.mountpoint.size();
}

} // namespace

message_ptr message::make(const message_fields& fields) {
  constexpr auto string_max = std::numeric_limits<std::uint16_t>::max();
  HETZEL_ASSERT(fields.topic_name.size() <= string_max);
  HETZEL_ASSERT(fields.mountpoint.size() <= string_max);
  HETZEL_ASSERT(fields.payload.size() <= remaining_length_max);
  HETZEL_ASSERT(fields.properties.size() <= remaining_length_max);
  auto* memory = take_block(bytes_needed(fields));
  return message_ptr{::new (memory) message{fields}};
}

message::message(const message_fields& fields) noexcept
  : payload_size_(static_cast<std::uint32_t>(fields.payload.size())),
    properties_size_(static_cast<std::uint32_t>(fields.properties.size())),
    topic_size_(static_cast<std::uint16_t>(fields.topic_name.size())),
    mountpoint_size_(static_cast<std::uint16_t>(fields.mountpoint.size())),
    publisher_(fields.publisher),
    expires_at_(fields.expires_at.value_or(time_point::max())),
    quality_(fields.quality),
    retain_(fields.retain) {
  auto* to = reinterpret_cast<char*>(this + 1);
  to[0] = static_cast<char>(topic_size_ >> 8);
  to[1] = static_cast<char>(topic_size_ & 0xFF);
  to = append(to + length_prefix_bytes, fields.topic_name);
  to = append(to, fields.payload);
  to = append(to, fields.properties);
  append(to, fields.mountpoint);
}

std::size_t message::size() const noexcept {
  return block_size(used_bytes());
}

void message_ptr::destroy(const message* last) noexcept {
  auto size = last->used_bytes();
  auto* memory = const_cast<message*>(last);
  memory->~message();
  give_block(memory, size);
}

} // namespace hetzel::mqtt
