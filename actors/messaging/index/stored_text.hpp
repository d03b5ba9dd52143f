#pragma once

#include "protocol/basic_types.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

namespace hetzel::messaging {

/// An owned text of at most 65,535 bytes in `Capacity` + 2 bytes: in place when
/// it fits there, on the heap when not. Never changed but by assignment.
template <std::size_t Capacity>
class stored_text {
  static_assert(Capacity >= sizeof(char*));

public:
  stored_text() = default;

  explicit stored_text(mqtt::bytes_view text)
    : size_(static_cast<std::uint16_t>(text.size())) {
    auto* to = bytes_;
    if (is_on_heap()) {
      to = new char[text.size()];
      std::memcpy(bytes_, &to, sizeof to);
    }
    std::ranges::copy(text, to);
  }

  stored_text(stored_text&& other) noexcept
    : size_(std::exchange(other.size_, std::uint16_t{0})) {
    std::memcpy(bytes_, other.bytes_, sizeof bytes_);
  }

  stored_text& operator=(stored_text&& other) noexcept {
    if (this != &other) {
      this->~stored_text();
      new (this) stored_text(std::move(other));
    }
    return *this;
  }

  ~stored_text() {
    if (is_on_heap())
      delete[] heap();
  }

  [[nodiscard]] mqtt::bytes_view view() const noexcept {
    return {is_on_heap() ? heap() : bytes_, size_};
  }

  /// Memory outside this object.
  [[nodiscard]] std::size_t heap_bytes() const noexcept {
    return is_on_heap() ? size_ + std::size_t{16} : 0;
  }

private:
  [[nodiscard]] bool is_on_heap() const noexcept { return size_ > Capacity; }

  [[nodiscard]] char* heap() const noexcept {
    char* text = nullptr;
    std::memcpy(&text, bytes_, sizeof text);
    return text;
  }

  std::uint16_t size_ = 0;
  char bytes_[Capacity]{};
};

} // namespace hetzel::messaging
