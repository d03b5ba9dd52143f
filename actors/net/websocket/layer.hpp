#pragma once

#include "actors/net/transport_layer.hpp"
#include "actors/net/websocket/frame_reader.hpp"
#include "actors/net/websocket/upgrade.hpp"

#include <memory>
#include <optional>
#include <string>

namespace hetzel::net::websocket {

/// MQTT in WebSocket, the server's side: the HTTP upgrade, then what a client
/// sends in binary messages of any fragmentation [MQTT-6.0.0-2], and what it is
/// sent in one message per write.
class layer final : public transport_layer {
public:
  /// `is_proxy_trusted`: the socket's peer is one of `upgrade.trusted`.
  layer(std::shared_ptr<const layer_options> options, bool is_proxy_trusted);

  [[nodiscard]] status receive(mqtt::bytes_view received, std::string& up,
                               mqtt::output_buffer& down) override;
  void send(mqtt::output_buffer& output, mqtt::output_buffer& down,
            std::size_t bytes_max) override;
  void close(mqtt::output_buffer& down) override;
  [[nodiscard]] bool is_established() const noexcept override {
    return reader_.has_value();
  }
  void describe(peer_identity& into) const override;
  [[nodiscard]] transport_fault fault() const noexcept override {
    return fault_;
  }
  [[nodiscard]] const char* failure() const noexcept override {
    return failure_;
  }

private:
  [[nodiscard]] status on_upgrade(upgrade_outcome&& outcome,
                                  mqtt::output_buffer& down);
  [[nodiscard]] status read_frames(mqtt::bytes_view received, std::string& up,
                                   mqtt::output_buffer& down);
  [[nodiscard]] status on_close(mqtt::output_buffer& down);
  [[nodiscard]] status fail(close_code with, mqtt::output_buffer& down);

  std::shared_ptr<const layer_options> options_;
  std::unique_ptr<upgrade_reader> upgrade_; ///< until it is through
  std::optional<frame_reader> reader_;      ///< from then on
  int window_bits_ = 0;                     ///< 0: sends nothing compressed
  transport_fault fault_ = transport_fault::none;
  const char* failure_ = "";
  std::string address_;
  std::string common_name_;
};

} // namespace hetzel::net::websocket
