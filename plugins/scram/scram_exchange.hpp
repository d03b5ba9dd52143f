#pragma once

#include "plugins/scram/scram_table.hpp"
#include "protocol/session/auth_method.hpp"

#include <memory>
#include <string>

namespace hetzel::plugins {

/// What all exchanges of a node share. Immutable.
struct scram_users {
  scram_table table;
  /// For stand-ins; random, and the same after a restart, or who asks twice
  /// sees which users are made up.
  std::string stand_in_secret;
};

using scram_users_ptr = std::shared_ptr<const scram_users>;

/// The server's side of one SCRAM exchange (RFC 5802, 5) without channel
/// binding. An unknown user and a wrong password fail alike, at the same step,
/// with the same work. Users as of when it began.
class scram_exchange final : public mqtt::auth_exchange {
public:
  /// `nonce`: printable ASCII without ',', unpredictable and never used before.
  scram_exchange(scram_mechanism mechanism, scram_users_ptr users,
                 std::string nonce);

  /// client-first-message, then client-final-message. A client that sends no
  /// data with CONNECT is asked for them first. Refusals: `not_authorized`, or
  /// `protocol_error` for what is no SCRAM.
  [[nodiscard]] mqtt::auth_step on_data(mqtt::bytes_view data) override;

  /// Who the client says it is; proved when `on_data` answered `success`.
  [[nodiscard]] const std::string& user() const noexcept { return user_; }

private:
  enum class state : unsigned char { idle, asked, challenged, over };

  [[nodiscard]] mqtt::auth_step on_first(mqtt::bytes_view data);
  [[nodiscard]] mqtt::auth_step on_final(mqtt::bytes_view data);
  [[nodiscard]] bool proves(mqtt::bytes_view proof,
                            mqtt::bytes_view messages) const;

  scram_mechanism mechanism_;
  scram_users_ptr users_;
  state state_ = state::idle;
  bool is_known_ = false;
  std::string nonce_; // the server's, then the client's and the server's
  std::string header_;
  std::string messages_; // client-first-message-bare "," server-first-message
  std::string user_;
  scram_credentials credentials_;
};

/// A nonce as `scram_exchange` wants it.
[[nodiscard]] std::string make_scram_nonce();

} // namespace hetzel::plugins
