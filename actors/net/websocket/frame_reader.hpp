#pragma once

#include "actors/net/websocket/frame.hpp"
#include "actors/net/websocket/inflater.hpp"
#include "actors/net/websocket/options.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace hetzel::net::websocket {

/// From the frames of a client to the bytes of its messages. MQTT is a stream
/// in binary messages [MQTT-6.0.0-1]: where frames and messages end says
/// nothing [MQTT-6.0.0-2], so no payload is held back, and memory does not grow
/// with what a header promises.
class frame_reader {
public:
  enum class step : unsigned char {
    drained, ///< all was read; more is needed
    ping,    ///< answer with `control`
    close,   ///< the client closes, with `control`; nothing may follow
    failed,  ///< close with `fault`; not to be called again
  };

  explicit frame_reader(const frame_limits& limits) noexcept;

  /// Takes frames from the front of `received` and appends payloads to `up`,
  /// until one asks for an answer or nothing is left. One read is all that is
  /// given to calls until `drained`; for the next call `begin_read` first.
  [[nodiscard]] step next(mqtt::bytes_view& received, std::string& up);

  /// What was inflated before does not count any more.
  void begin_read() noexcept { inflated_ = 0; }

  /// Payload of the control frame; until the next call.
  [[nodiscard]] mqtt::bytes_view control() const noexcept { return control_; }

  [[nodiscard]] close_code fault() const noexcept { return fault_; }

private:
  [[nodiscard]] bool take_header(mqtt::bytes_view& received);
  [[nodiscard]] bool begin_frame(const frame_header& header);
  [[nodiscard]] bool take_payload(mqtt::bytes_view& received, std::string& up);
  [[nodiscard]] bool inflate(mqtt::bytes_view masked, std::string& up);
  [[nodiscard]] bool end_message(std::string& up);
  [[nodiscard]] bool on_inflated(inflater::outcome how);
  [[nodiscard]] bool fail(close_code with) noexcept;
  [[nodiscard]] std::size_t inflated_left() const noexcept;

  frame_limits limits_;
  frame_header frame_;
  std::uint64_t position_ = 0; ///< bytes of the frame's payload that were read
  std::size_t inflated_ = 0;
  std::unique_ptr<inflater> inflater_; ///< within a compressed message
  std::string control_;
  /// Of a header that is not whole yet.
  std::array<char, client_header_size_max> partial_{};
  unsigned char partial_size_ = 0;
  bool is_in_frame_ = false;
  bool is_in_message_ = false;
  close_code fault_{};
};

} // namespace hetzel::net::websocket
