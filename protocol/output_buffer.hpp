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
/// from a pool of this thread. Nothing limits its size: its owner stops to
/// append when `size()` is more than it grants.
class output_buffer {
public:
  static constexpr std::size_t shared_min_bytes = 16 * 1024;

  output_buffer() = default;
  /// The source is empty afterwards.
  output_buffer(output_buffer&& other) noexcept;
  output_buffer& operator=(output_buffer&& other) noexcept;
  ~output_buffer();

  [[nodiscard]] bool empty() const noexcept { return size() == 0; }

  /// Bytes not yet removed by `consume`.
  [[nodiscard]] std::size_t size() const noexcept {
    return bytes_.size() - consumed_ + shared_size_;
  }

  /// Where encoders append. Only to append: what is in it already is not the
  /// caller's. Invalid after any other call.
  [[nodiscard]] std::string& tail() {
    if (bytes_.capacity() < borrowed_min_bytes) [[unlikely]]
      borrow();
    return bytes_;
  }

  /// Appends `bytes`, a part of `owner`, by reference or by copy.
  void append(const message_ptr& owner, bytes_view bytes);

  /// Moves the first `count` bytes of `from` behind these: what `from` refers
  /// to is referred to here; `count <= from.size()`.
  void take(output_buffer& from, std::size_t count);

  /// Fills `parts` from the front; returns how many it used. The views are
  /// valid until the next non-const call.
  [[nodiscard]] std::size_t gather(std::span<bytes_view> parts) const noexcept;

  /// Removes `count` written bytes from the front; `count <= size()`.
  void consume(std::size_t count);

  void clear() noexcept;

private:
  /// A payload that stands in front of `bytes_[position]`.
  struct shared_part {
    message_ptr owner;
    bytes_view bytes;
    std::size_t position = 0;
  };

  static constexpr std::size_t borrowed_min_bytes = 1024;

  void borrow();
  void consume_front(std::size_t count);
  void drop_consumed();

  std::string bytes_;
  std::size_t consumed_ = 0;
  std::vector<shared_part> shared_;
  std::size_t shared_size_ = 0;
};

} // namespace hetzel::mqtt
