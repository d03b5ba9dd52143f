#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hetzel::net {

/// The names behind `ciphers`, sorted by what OpenSSL wants to be told where.
struct cipher_choice {
  /// Up to TLS 1.2, in OpenSSL's names; empty: none was named.
  std::string up_to_v1_2;
  /// TLS 1.3; empty: none was named.
  std::string v1_3;
  /// What OpenSSL does not have (any more), such as 3DES; left out.
  std::vector<std::string> unknown;
};

/// Names of OpenSSL or IANA with colons between them; OpenSSL's operators
/// ("!aNULL", "@SECLEVEL=1") are kept.
[[nodiscard]] cipher_choice choose_ciphers(std::string_view names);

/// What a listener offers that names none: forward secrecy first, plain RSA
/// with AES for devices of old at the end.
[[nodiscard]] std::string_view default_ciphers() noexcept;

/// What `psk_support` adds.
[[nodiscard]] std::string_view psk_ciphers() noexcept;

} // namespace hetzel::net
