#pragma once

#include "protocol/basic_types.hpp"

#include <cstddef>
#include <functional>
#include <string>

namespace hetzel::messaging {

/// A client id within its mountpoint, as one string: what a queue, its session
/// and its subscriptions belong to. A NUL, which no client id may have, stands
/// between the two.
class subscriber_key {
public:
  subscriber_key(mqtt::bytes_view mountpoint, mqtt::bytes_view client_id)
    : mountpoint_size_(mountpoint.size()) {
    text_.reserve(mountpoint.size() + 1 + client_id.size());
    text_.append(mountpoint).push_back('\0');
    text_.append(client_id);
  }

  [[nodiscard]] mqtt::bytes_view text() const noexcept { return text_; }

  [[nodiscard]] mqtt::bytes_view mountpoint() const noexcept {
    return text().substr(0, mountpoint_size_);
  }

  [[nodiscard]] mqtt::bytes_view client_id() const noexcept {
    return text().substr(mountpoint_size_ + 1);
  }

  [[nodiscard]] std::size_t hash() const noexcept {
    return std::hash<mqtt::bytes_view>{}(text_);
  }

private:
  std::string text_;
  std::size_t mountpoint_size_;
};

} // namespace hetzel::messaging
