#pragma once

#include "actors/net/tls/openssl.hpp"
#include "actors/net/transport_layer.hpp"

#include <memory>
#include <string>

namespace hetzel::net {

class tls_context;

/// TLS between a socket and MQTT, by OpenSSL without I/O: it reads what
/// `receive` was given in place, and writes records of up to 16 KB straight
/// behind what waits for the socket. Server or client, as the SSL was made.
class tls_layer final : public transport_layer {
public:
  /// `context` is what the connection's SSL was made of, and is null for a
  /// client. A null `ssl` fails at the first byte.
  tls_layer(openssl_ptr<SSL> ssl, std::shared_ptr<const tls_context> context);
  ~tls_layer() override;
  tls_layer(const tls_layer&) = delete;
  tls_layer& operator=(const tls_layer&) = delete;

  // -- transport_layer -------------------------------------------------------

  [[nodiscard]] status receive(mqtt::bytes_view received, std::string& up,
                               mqtt::output_buffer& down) override;
  void send(mqtt::output_buffer& output, mqtt::output_buffer& down,
            std::size_t bytes_max) override;
  void close(mqtt::output_buffer& down) override;
  [[nodiscard]] bool is_established() const noexcept override {
    return is_established_;
  }
  [[nodiscard]] bool is_resumed() const noexcept override;
  void describe(peer_identity& into) const override;
  [[nodiscard]] transport_fault fault() const noexcept override {
    return fault_;
  }
  [[nodiscard]] const char* failure() const noexcept override {
    return failure_.c_str();
  }

  /// OpenSSL asks for the key of a PSK identity; for `tls_context`.
  static unsigned on_psk(SSL* ssl, const char* identity, unsigned char* key,
                         unsigned key_size_max);

private:
  /// What OpenSSL reads and writes during one call.
  struct wire {
    mqtt::bytes_view in;
    mqtt::output_buffer* out = nullptr;
  };

  static const BIO_METHOD* wire_method();
  [[nodiscard]] bool is_foreign(mqtt::bytes_view received);
  [[nodiscard]] status shake_hands();
  [[nodiscard]] status on_established();
  [[nodiscard]] status read_all(std::string& up);
  [[nodiscard]] status fail(int result);
  [[nodiscard]] status fail(transport_fault fault, std::string why);

  std::shared_ptr<const tls_context> context_;
  wire wire_;
  openssl_ptr<SSL> ssl_;
  std::string failure_;
  std::string psk_identity_;
  transport_fault fault_ = transport_fault::none;
  bool is_begun_ = false;
  bool is_established_ = false;
  bool is_psk_unknown_ = false;
};

} // namespace hetzel::net
