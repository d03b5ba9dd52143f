#pragma once

#include "actors/net/transport_layer.hpp"

#include <memory>
#include <string>

namespace hetzel::test {

/// A made-up protocol that can be typed. Its handshake is "H", answered by
/// "h"; then the case of every letter is turned, both ways. From the peer '?'
/// is answered by '!', '.' is the end, '*' a fault, of which the peer is told
/// "bad". Our own end is '~'. A first byte other than 'H' is foreign.
class swapping_layer : public net::transport_layer {
public:
  [[nodiscard]] status receive(mqtt::bytes_view received, std::string& up,
                               mqtt::output_buffer& down) override;
  void send(mqtt::output_buffer& output, mqtt::output_buffer& down,
            std::size_t bytes_max) override;
  void close(mqtt::output_buffer& down) override { down.tail() += '~'; }
  [[nodiscard]] bool is_established() const noexcept override {
    return is_established_;
  }
  [[nodiscard]] bool is_transparent() const noexcept override { return false; }
  void describe(net::peer_identity& into) const override;
  [[nodiscard]] net::transport_fault fault() const noexcept override {
    return fault_;
  }
  [[nodiscard]] const char* failure() const noexcept override {
    return fault_ == net::transport_fault::none ? "" : "a test's";
  }

private:
  bool is_established_ = false;
  net::transport_fault fault_ = net::transport_fault::none;
};

/// Of a listener. What its layers say of the peer: `user_name`.
struct swapping_source final : net::layer_source {
  [[nodiscard]] std::unique_ptr<net::transport_layer> make() override {
    return std::make_unique<swapping_layer>();
  }
};

[[nodiscard]] net::layered_ptr make_swapping();

/// The case of every letter turned.
[[nodiscard]] std::string swapped(std::string_view text);

} // namespace hetzel::test
