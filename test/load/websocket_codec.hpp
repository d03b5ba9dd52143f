#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace hetzel::test::load {

/// The client's side of a WebSocket, as cheap as it can be: all that leaves at
/// the end of a tick is one frame, with a masking key of zeros, which changes
/// nothing here but is taken off there like any other. Knows neither pings nor
/// fragments, which our server does not send.
class websocket_codec {
public:
  websocket_codec();

  /// Moves `packets` into a frame of `wire`, once the server has agreed.
  void wrap(std::string& packets);

  /// What is to be sent; its owner clears it.
  [[nodiscard]] std::string& wire() noexcept { return wire_; }

  /// Leaves of `size` bytes those of packets, in their place; nullopt: the
  /// server did not agree, or closed.
  [[nodiscard]] std::optional<std::size_t> unwrap(char* bytes,
                                                  std::size_t size);

  [[nodiscard]] bool is_open() const noexcept { return is_open_; }

private:
  [[nodiscard]] std::size_t take_answer(const char* bytes, std::size_t size);
  [[nodiscard]] std::size_t take_header(const char* bytes, std::size_t size);

  std::string wire_;
  std::string answer_; ///< until it is whole
  std::array<unsigned char, 10> header_{};
  std::size_t header_size_ = 0;
  std::uint64_t payload_left_ = 0;
  bool is_open_ = false;
  bool has_ended_ = false;
};

} // namespace hetzel::test::load
