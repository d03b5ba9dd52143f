#pragma once

#include "protocol/message.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace hetzel::mqtt {

/// Bytes on their way to a socket. Small packets are copied behind one
/// another; a payload of `shared_min_bytes` or more is referenced, so that it
/// is never copied. Empty, it owns no memory: the string it fills is borrowed
/// from a pool of this thread.
class output_buffer {
public:
  static constexpr std::size_t shared_min_bytes = 16 * 1024;

  output_buffer() = default;
  output_buffer(output_buffer&&) noexcept;
  output_buffer& operator=(output_buffer&&) noexcept;
  ~output_buffer();

  [[nodiscard]] bool empty() const noexcept;

  /// Bytes not yet removed by `consume`.
  [[nodiscard]] std::size_t size() const noexcept;

  /// Where encoders append. Invalid after any other call.
  [[nodiscard]] std::string& tail();

  /// Appends `bytes`, a part of `owner`, by reference or by copy.
  void append(const message_ptr& owner, bytes_view bytes);

  /// Fills `parts` from the front; returns how many it used. The views are
  /// valid until the next non-const call.
  [[nodiscard]] std::size_t gather(std::span<bytes_view> parts) const noexcept;

  /// Removes `count` written bytes from the front.
  void consume(std::size_t count);

  void clear() noexcept;

private:
  struct shared_part; // a payload and how many bytes of tail precede it

  std::string bytes_;
  std::size_t consumed_ = 0;
  std::vector<shared_part> shared_;
  std::size_t shared_size_ = 0;
};

} // namespace hetzel::mqtt
