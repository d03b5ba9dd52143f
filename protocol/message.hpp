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
/// allocation. All views it returns live as long as it does.
class message {
public:
  [[nodiscard]] static message_ptr make(const message_fields& fields);

  [[nodiscard]] bytes_view mountpoint() const noexcept;
  [[nodiscard]] bytes_view topic_name() const noexcept;
  [[nodiscard]] bytes_view payload() const noexcept;
  [[nodiscard]] property_view properties() const noexcept;

  [[nodiscard]] qos quality() const noexcept { return quality_; }
  [[nodiscard]] bool retain() const noexcept { return retain_; }
  [[nodiscard]] publisher_id publisher() const noexcept { return publisher_; }

  [[nodiscard]] std::optional<time_point> expires_at() const noexcept;

  [[nodiscard]] bool is_expired(time_point now) const noexcept {
    return expires_at_ <= now;
  }

  /// Bytes of memory that the message occupies.
  [[nodiscard]] std::size_t size() const noexcept;

private:
  friend class message_ptr;
  message(const message_fields& fields) noexcept;

  mutable std::atomic<std::uint32_t> references_{1};
  std::uint32_t payload_size_;
  std::uint32_t properties_size_;
  std::uint16_t topic_size_;
  std::uint16_t mountpoint_size_;
  publisher_id publisher_;
  time_point expires_at_;
  qos quality_;
  bool retain_;
  // The bytes follow: topic name, payload, properties, mountpoint.
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
