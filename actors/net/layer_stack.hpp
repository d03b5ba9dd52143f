#pragma once

#include "actors/net/transport_layer.hpp"

#include <memory>

namespace hetzel::net {

/// Two layers as one: `lower` is next to the socket (TLS), `upper` next to
/// MQTT (WebSocket).
class layer_stack final : public transport_layer {
public:
  layer_stack(std::unique_ptr<transport_layer> lower,
              std::unique_ptr<transport_layer> upper) noexcept;

  [[nodiscard]] status receive(mqtt::bytes_view received, std::string& up,
                               mqtt::output_buffer& down) override;
  void send(mqtt::output_buffer& output, mqtt::output_buffer& down,
            std::size_t bytes_max) override;
  void close(mqtt::output_buffer& down) override;
  [[nodiscard]] bool is_established() const noexcept override;
  [[nodiscard]] bool is_transparent() const noexcept override;
  [[nodiscard]] bool is_resumed() const noexcept override;
  void describe(peer_identity& into) const override;
  [[nodiscard]] transport_fault fault() const noexcept override;
  [[nodiscard]] const char* failure() const noexcept override;

private:
  void pass_down(mqtt::output_buffer& down);

  std::unique_ptr<transport_layer> lower_;
  std::unique_ptr<transport_layer> upper_;
  /// Of the upper layer; empty between calls once both are established.
  mqtt::output_buffer between_;
};

} // namespace hetzel::net
