#pragma once

#include <memory>
#include <string>
#include <vector>

namespace hetzel::test {

struct certificate_wish {
  std::string common_name = "localhost";
  /// In OpenSSL's form: "DNS:a.example,email:x@y"; empty: none.
  std::string alternative_names = {};
  /// From now on, in seconds.
  long valid_from = -3'600;
  long valid_to = 3'600;
};

/// PEM.
struct issued_certificate {
  std::string certificate;
  std::string key;
};

/// An authority that certifies whatever a test wants; P-256 keys, made anew.
class tls_authority {
public:
  explicit tls_authority(const std::string& name = "test root");
  ~tls_authority();

  /// Its own, PEM.
  [[nodiscard]] std::string certificate() const;

  /// An authority below this one.
  [[nodiscard]] tls_authority below(const std::string& name) const;

  [[nodiscard]] issued_certificate issue(const certificate_wish& wish = {});

  /// The list of the certificates that were revoked, PEM; valid for an hour.
  void revoke(const issued_certificate& which);
  [[nodiscard]] std::string revocations() const;

  tls_authority(tls_authority&&) noexcept;

private:
  struct implementation;
  explicit tls_authority(std::unique_ptr<implementation> of);

  std::unique_ptr<implementation> impl_;
};

/// Writes a file, in place of what was there, and returns its path. The new one
/// is never half written.
std::string write_file(const std::string& path, const std::string& text);

} // namespace hetzel::test
