#pragma once

#include "plugins/jwt/jwt_key.hpp"

#include <memory>
#include <string>

struct evp_pkey_st;

namespace hetzel::test {

/// Who issues tokens: a fresh key of the kind that `algorithm` wants.
class jwt_signer {
public:
  explicit jwt_signer(plugins::jwt_algorithm algorithm);

  /// The name of the algorithm in headers.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// A token with that payload; `more` is put into the header, e.g.
  /// `,"kid":"1"`.
  [[nodiscard]] std::string token(const std::string& payload,
                                  const std::string& more = {}) const;

  /// What a server verifies with.
  [[nodiscard]] plugins::jwt_key key() const;

  /// The public key in PEM; not for HMAC.
  [[nodiscard]] std::string pem() const;

private:
  [[nodiscard]] std::string sign(const std::string& text) const;

  std::string name_;
  std::string secret_;
  std::shared_ptr<evp_pkey_st> private_key_;
};

/// `header.payload` in base64url.
[[nodiscard]] std::string jwt_text(const std::string& header,
                                   const std::string& payload);

} // namespace hetzel::test
