#pragma once

#include "protocol/basic_types.hpp"
#include "protocol/property.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace hetzel::mqtt {

/// Who published: the number of a session, unique in this process. Zero is
/// the broker itself. Only No Local looks at it.
using publisher_id = std::uint64_t;

/// What a message is made from; views are copied once, at `message::make`.
struct message_fields {
  bytes_view mountpoint;
  bytes_view topic_name;
  bytes_view payload;
  /// Coded properties that travel with the message to every receiver: payload
  /// format, content type, response topic, correlation data, user properties.
  bytes_view properties;
  qos quality{};
  bool retain = false;
  /// When Message Expiry Interval ends it; nullopt: never.
  std::optional<time_point> expires_at;
  publisher_id publisher = 0;
};

class message_ptr;

/// An Application Message: immutable, reference-counted across threads, one
/// allocation. All views it returns live as long as it does. May be dropped on
/// any thread.
class message {
public:
  /// Copies the fields. Preconditions, asserted: topic name and mountpoint of
  /// at most 65,535 bytes, payload and properties of at most
  /// `remaining_length_max`. Throws `std::bad_alloc`.
  [[nodiscard]] static message_ptr make(const message_fields& fields);

  [[nodiscard]] bytes_view mountpoint() const noexcept {
    return {properties_start() + properties_size_, mountpoint_size_};
  }
  [[nodiscard]] bytes_view topic_name() const noexcept {
    return {bytes() + 2, topic_size_};
  }
  [[nodiscard]] bytes_view payload() const noexcept {
    return {bytes() + 2 + topic_size_, payload_size_};
  }
  [[nodiscard]] property_view properties() const noexcept {
    return property_view{bytes_view{properties_start(), properties_size_}};
  }

  /// The topic name with its length in front, as the wire has it.
  [[nodiscard]] bytes_view topic_field() const noexcept {
    return {bytes(), std::size_t{2} + topic_size_};
  }

  /// Topic field and payload behind one another: what follows the fixed header
  /// of a QoS 0 PUBLISH of 3.x.
  [[nodiscard]] bytes_view topic_and_payload() const noexcept {
    return {bytes(), std::size_t{2} + topic_size_ + payload_size_};
  }

  [[nodiscard]] qos quality() const noexcept { return quality_; }
  [[nodiscard]] bool retain() const noexcept { return retain_; }
  [[nodiscard]] publisher_id publisher() const noexcept { return publisher_; }

  [[nodiscard]] std::optional<time_point> expires_at() const noexcept {
    if (expires_at_ == time_point::max())
      return std::nullopt;
    return expires_at_;
  }

  [[nodiscard]] bool is_expired(time_point now) const noexcept {
    return expires_at_ <= now;
  }

  /// Bytes of memory that the message occupies, bookkeeping included.
  [[nodiscard]] std::size_t size() const noexcept;

private:
  friend class message_ptr;
  explicit message(const message_fields& fields) noexcept;

  [[nodiscard]] const char* bytes() const noexcept {
    return reinterpret_cast<const char*>(this + 1);
  }
  [[nodiscard]] const char* properties_start() const noexcept {
    return bytes() + 2 + topic_size_ + payload_size_;
  }
  [[nodiscard]] std::size_t used_bytes() const noexcept {
    return sizeof(message) + 2 + topic_size_ + payload_size_ + properties_size_
           + mountpoint_size_;
  }

  mutable std::atomic<std::uint32_t> references_{1};
  std::uint32_t payload_size_;
  std::uint32_t properties_size_;
  std::uint16_t topic_size_;
  std::uint16_t mountpoint_size_;
  publisher_id publisher_;
  time_point expires_at_;
  qos quality_;
  bool retain_;
  // The bytes follow: length of the topic name (two bytes, big endian), topic
  // name, payload, properties, mountpoint. The first three in this order make
  // most PUBLISH packets two copies.
};

/// Shared ownership of one message.
class message_ptr {
public:
  message_ptr() = default;
  message_ptr(const message_ptr& other) noexcept : message_(other.message_) {
    if (message_)
      message_->references_.fetch_add(1, std::memory_order_relaxed);
  }
  message_ptr(message_ptr&& other) noexcept
    : message_(std::exchange(other.message_, nullptr)) {}
  message_ptr& operator=(message_ptr other) noexcept {
    std::swap(message_, other.message_);
    return *this;
  }
  ~message_ptr() {
    if (message_
        && message_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1)
      destroy(message_);
  }

  const message& operator*() const noexcept { return *message_; }
  const message* operator->() const noexcept { return message_; }
  const message* get() const noexcept { return message_; }
  explicit operator bool() const noexcept { return message_ != nullptr; }

private:
  friend class message;
  explicit message_ptr(const message* owned) noexcept : message_(owned) {}
  static void destroy(const message* last) noexcept;

  const message* message_ = nullptr;
};

} // namespace hetzel::mqtt
