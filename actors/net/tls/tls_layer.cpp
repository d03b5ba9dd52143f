#include "actors/net/tls/tls_layer.hpp"

#include "actors/net/tls/certificate_names.hpp"
#include "actors/net/tls/tls_context.hpp"
#include "actors/net/tls/tls_failure.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <openssl/err.h>

namespace hetzel::net {

namespace {

constexpr std::size_t record_size_max = 16 * 1024;

/// What one record holds; one per thread.
char* record_buffer() {
  static thread_local const auto buffer
    = std::make_unique<char[]>(record_size_max);
  return buffer.get();
}

} // namespace

// -- the wire -----------------------------------------------------------------

/// Of all layers; lives as long as the process.
const BIO_METHOD* tls_layer::wire_method() {
  static const BIO_METHOD* const method = [] {
    auto* const made
      = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire");
    BIO_meth_set_read(made, [](BIO* bio, char* into, int size) {
      auto& of = *static_cast<wire*>(BIO_get_data(bio));
      const auto count
        = std::min(static_cast<std::size_t>(size), of.in.size());
      BIO_clear_retry_flags(bio);
      if (count == 0) {
        BIO_set_retry_read(bio);
        return -1;
      }
      std::memcpy(into, of.in.data(), count);
      of.in.remove_prefix(count);
      return static_cast<int>(count);
    });
    BIO_meth_set_write(made, [](BIO* bio, const char* from, int size) {
      const auto& of = *static_cast<wire*>(BIO_get_data(bio));
      of.out->tail().append(from, static_cast<std::size_t>(size));
      return size;
    });
    BIO_meth_set_ctrl(made, [](BIO*, int command, long, void*) {
      return command == BIO_CTRL_FLUSH ? 1L : 0L;
    });
    return made;
  }();
  return method;
}

tls_layer::tls_layer(openssl_ptr<SSL> ssl,
                     std::shared_ptr<const tls_context> context)
  : context_(std::move(context)), ssl_(std::move(ssl)) {
  auto* const bio = ssl_ ? BIO_new(wire_method()) : nullptr;
  if (!bio) {
    ssl_.reset();
    return;
  }
  BIO_set_data(bio, &wire_);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_app_data(ssl_.get(), this);
  if (context_)
    SSL_set_accept_state(ssl_.get());
}

tls_layer::~tls_layer() = default;

// -- transport_layer ----------------------------------------------------------

transport_layer::status tls_layer::receive(mqtt::bytes_view received,
                                           std::string& up,
                                           mqtt::output_buffer& down) {
  if (!ssl_)
    return fail(transport_fault::internal, "no memory");
  if (context_ && !std::exchange(is_begun_, true) && is_foreign(received))
    return status::failed;
  wire_ = {received, &down};
  auto result = status::open;
  if (!is_established_)
    result = shake_hands();
  if (is_established_ && result == status::open)
    result = read_all(up);
  wire_ = {};
  return result;
}

void tls_layer::send(mqtt::output_buffer& output, mqtt::output_buffer& down,
                     std::size_t bytes_max) {
  if (!is_established_ || fault_ != transport_fault::none)
    return;
  wire_ = {{}, &down};
  while (bytes_max > 0 && !output.empty()) {
    std::array<mqtt::bytes_view, 1> part;
    static_cast<void>(output.gather(part));
    const auto bytes = part[0].substr(0, bytes_max);
    std::size_t taken = 0;
    ERR_clear_error();
    if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &taken) != 1) {
      static_cast<void>(fail(0));
      break;
    }
    bytes_max -= taken;
    output.consume(taken);
  }
  wire_ = {};
}

void tls_layer::close(mqtt::output_buffer& down) {
  if (!ssl_ || !is_established_ || fault_ != transport_fault::none)
    return;
  wire_ = {{}, &down};
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  wire_ = {};
}

bool tls_layer::is_resumed() const noexcept {
  return ssl_ && SSL_session_reused(ssl_.get()) == 1;
}

void tls_layer::describe(peer_identity& into) const {
  auto* const ssl = ssl_.get();
  into.tls_version = SSL_get_version(ssl);
  into.tls_cipher = SSL_get_cipher_name(ssl);
  if (const auto* host = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name))
    into.server_name = host;
  into.psk_identity = psk_identity_;
  const auto* const certificate = SSL_get0_peer_certificate(ssl);
  if (!certificate || SSL_get_verify_result(ssl) != X509_V_OK)
    return;
  into.common_name = common_name_of(certificate);
  into.alternative_name = alternative_name_of(certificate);
  if (!context_ || !context_->config().use_identity_as_username)
    return;
  using source = tls_config::identity_source;
  into.user_name = context_->config().identity == source::common_name
                     ? into.common_name
                     : into.alternative_name;
}

// -- the handshake ------------------------------------------------------------

/// TLS begins with a handshake record; OpenSSL would answer others with an
/// alert that they cannot read.
bool tls_layer::is_foreign(mqtt::bytes_view received) {
  if (received.starts_with('\x16'))
    return false;
  static_cast<void>(
    fail(transport_fault::foreign,
         std::string{"the client speaks "} + name_of_foreign(received)));
  return true;
}

transport_layer::status tls_layer::shake_hands() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  return result == 1 ? on_established() : fail(result);
}

/// A ticket tells that the certificate was good when it was sealed.
transport_layer::status tls_layer::on_established() {
  const auto* const certificate = SSL_get0_peer_certificate(ssl_.get());
  if (context_ && certificate && is_resumed()
      && X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
    return fail(transport_fault::certificate_expired,
                "the certificate has expired since the session began");
  if (psk_identity_.empty())
    if (const auto* known = SSL_get_psk_identity(ssl_.get()))
      psk_identity_ = known;
  is_established_ = true;
  return status::open;
}

/// The errors of a thread are its own; what is left of another's would be
/// taken for ours.
transport_layer::status tls_layer::read_all(std::string& up) {
  auto* const buffer = record_buffer();
  for (;;) {
    std::size_t size = 0;
    ERR_clear_error();
    const int result
      = SSL_read_ex(ssl_.get(), buffer, record_size_max, &size);
    if (result != 1)
      return fail(result);
    up.append(buffer, size);
  }
}

/// What OpenSSL's result means; it may be no failure.
transport_layer::status tls_layer::fail(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return status::open;
    case SSL_ERROR_ZERO_RETURN:
      return status::ended;
    default:
      break;
  }
  auto found = take_tls_failure(ssl_.get());
  const bool is_psk_wrong
    = is_psk_unknown_ || (!is_established_ && !psk_identity_.empty());
  if (is_psk_wrong && found.fault != transport_fault::peer_refused)
    found.fault = transport_fault::psk_refused;
  return fail(found.fault, std::move(found.why));
}

transport_layer::status tls_layer::fail(transport_fault fault,
                                        std::string why) {
  fault_ = fault;
  failure_ = std::move(why);
  return status::failed;
}

/// No ticket for such a session of TLS 1.3: it would forget the identity, and
/// its handshake is cheap.
unsigned tls_layer::on_psk(SSL* ssl, const char* identity, unsigned char* key,
                           unsigned key_size_max) {
  auto& self = *static_cast<tls_layer*>(SSL_get_app_data(ssl));
  const auto found = self.context_->keys().key_of(identity ? identity : "");
  if (found.empty() || found.size() > key_size_max) {
    self.is_psk_unknown_ = true;
    return 0;
  }
  self.is_psk_unknown_ = false;
  self.psk_identity_ = identity;
  SSL_set_num_tickets(ssl, 0);
  std::memcpy(key, found.data(), found.size());
  return static_cast<unsigned>(found.size());
}

} // namespace hetzel::net
