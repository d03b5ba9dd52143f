#pragma once

#include "cluster/membership/membership_message.hpp"

#include <optional>
#include <string_view>
#include <utility>

namespace hetzel::cluster {

/// Knows the secret of the cluster; the owner of the links supplies it (an
/// HMAC-SHA-256, say). Without one TLS has to vouch for peers.
class handshake_seal {
public:
  virtual ~handshake_seal() = default;

  [[nodiscard]] virtual hello_proof seal(std::string_view bytes) const = 0;
};

/// What a node makes of a hello, without regard to proofs. `state` is null on
/// a node without a cluster.
[[nodiscard]] hello_verdict judge(const hello& theirs, const hello& own,
                                  const cluster_state* state);

/// One connection's first words. Each side sends its hello; answers the
/// other's with an ack that says what it thinks of it, and that proves, with
/// both hellos and so both nonces, that it knows the secret; and waits for the
/// other's ack. Only then is the link of use, and the peer reachable: one that
/// takes connections and says nothing is not.
///
/// The proof begins with the prover's hello, so nobody can be made to prove
/// something for somebody else, and what comes back from a mirror is refused.
class handshake {
public:
  /// The seal, if there is one, outlives this.
  handshake(hello own, const handshake_seal* seal)
    : own_(std::move(own)), seal_(seal) {}

  /// To be sent first.
  [[nodiscard]] const hello& own() const noexcept { return own_; }

  /// The answer; once it is a refusal, send it and close. `certified` is the
  /// name that a certificate vouches for. A second hello is refused.
  [[nodiscard]] hello_ack
  on_hello(const hello& theirs, const cluster_state* state,
           std::optional<std::string_view> certified = std::nullopt);

  /// What this link is good for: the lesser of both verdicts. An ack without
  /// its hello, or a second one, is `bad_proof`.
  [[nodiscard]] hello_verdict on_ack(const hello_ack& ack);

  /// The peer's hello once it came.
  [[nodiscard]] const std::optional<hello>& theirs() const noexcept {
    return theirs_;
  }

private:
  [[nodiscard]] hello_proof prove(const hello& prover,
                                  const hello& other) const;

  hello own_;
  const handshake_seal* seal_;
  std::optional<hello> theirs_;
  hello_verdict verdict_ = hello_verdict::bad_proof;
  bool has_ack_ = false;
};

} // namespace hetzel::cluster
