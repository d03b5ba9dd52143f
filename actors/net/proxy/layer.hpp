#pragma once

#include "actors/net/proxy/header.hpp"
#include "actors/net/transport_layer.hpp"

#include <string>

namespace hetzel::net::proxy {

struct layer_options {
  /// The socket's peer may say whom it speaks for.
  bool is_trusted = false;
  /// `proxy_protocol_use_cn_as_username`: the common name of a certificate
  /// that the proxy has verified is the user name.
  bool takes_common_name = true;
};

/// The PROXY header in front of everything else, from a trusted proxy; then
/// bytes pass as they are.
class layer final : public transport_layer {
public:
  explicit layer(const layer_options& options) noexcept;

  [[nodiscard]] status receive(mqtt::bytes_view received, std::string& up,
                               mqtt::output_buffer& down) override;
  void send(mqtt::output_buffer& output, mqtt::output_buffer& down,
            std::size_t bytes_max) override;
  void close(mqtt::output_buffer&) override {}

  [[nodiscard]] bool is_established() const noexcept override {
    return is_read_;
  }
  [[nodiscard]] bool is_transparent() const noexcept override {
    return is_read_;
  }
  void describe(peer_identity& into) const override;
  [[nodiscard]] transport_fault fault() const noexcept override {
    return fault_;
  }
  [[nodiscard]] const char* failure() const noexcept override {
    return failure_;
  }

private:
  [[nodiscard]] status fail(transport_fault with, const char* why) noexcept;

  layer_options options_;
  bool is_read_ = false;
  transport_fault fault_ = transport_fault::none;
  const char* failure_ = "";
  std::string partial_; ///< at most `block_size_max` bytes between calls
  header header_;
};

} // namespace hetzel::net::proxy
