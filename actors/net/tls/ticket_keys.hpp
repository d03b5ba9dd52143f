#pragma once

#include "actors/net/tls/openssl.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

namespace hetzel::net {

/// The keys that a listener seals its session tickets with. The tickets are
/// with the clients, so that nothing grows here; who gets hold of a key can
/// read recorded TLS 1.2 sessions that it sealed, so each is used for half a
/// ticket's lifetime and forgotten after the rest of it. Any thread.
class ticket_keys {
public:
  using clock = std::chrono::steady_clock;

  struct key {
    std::array<unsigned char, 16> name{};
    std::array<unsigned char, 32> cipher{};
    std::array<unsigned char, 32> mac{};
    clock::time_point since;
  };

  explicit ticket_keys(std::chrono::seconds lifetime) noexcept
    : lifetime_(lifetime) {}
  ~ticket_keys();
  ticket_keys(const ticket_keys&) = delete;
  ticket_keys& operator=(const ticket_keys&) = delete;

  /// The one to seal with; a new one when the last is old. Nullopt: the system
  /// has no random bytes.
  [[nodiscard]] std::optional<key> current(clock::time_point now);

  struct found_key {
    key sealed_with;
    bool is_current = false;
  };

  [[nodiscard]] std::optional<found_key>
  find(const unsigned char* name, clock::time_point now);

  /// Voids all tickets that were given out.
  void forget();

  /// What OpenSSL asks for a ticket, and its answer to that (see
  /// SSL_CTX_set_tlsext_ticket_key_evp_cb).
  int on_ticket(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                EVP_MAC_CTX* mac, bool is_sealing);

private:
  void drop_old(clock::time_point now);

  std::chrono::seconds lifetime_;
  std::mutex mutex_;
  std::vector<key> keys_; ///< the latest last; three at most
};

} // namespace hetzel::net
