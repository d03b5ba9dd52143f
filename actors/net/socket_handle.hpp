#pragma once

#include <utility>

namespace hetzel::net {

/// Owns a file descriptor of a non-blocking socket.
class socket_handle {
public:
  socket_handle() = default;
  explicit socket_handle(int descriptor) noexcept : descriptor_(descriptor) {}
  socket_handle(socket_handle&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}
  socket_handle& operator=(socket_handle&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~socket_handle() { close(); }

  [[nodiscard]] int get() const noexcept { return descriptor_; }
  explicit operator bool() const noexcept { return descriptor_ >= 0; }

  /// Gives the descriptor away; the caller closes it.
  [[nodiscard]] int release() noexcept {
    return std::exchange(descriptor_, -1);
  }

  void close() noexcept;

private:
  int descriptor_ = -1;
};

} // namespace hetzel::net
