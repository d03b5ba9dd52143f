#pragma once

#include "actors/net/tls/tls_config.hpp"
#include "test/support/temporary_directory.hpp"
#include "test/support/tls_authority.hpp"
#include "test/support/tls_client.hpp"

#include <string>

namespace hetzel::test {

/// An authority, and the files of a server that it certified, on disk.
struct tls_house {
  tls_house() {
    config.certificate = write("server", authority.issue());
    config.cafile = write_file(files.path("ca.pem"), authority.certificate());
  }

  /// `name`.pem and `name`.key.
  net::certificate_files write(const std::string& name,
                               const issued_certificate& issued) const {
    return {write_file(files.path(name + ".pem"), issued.certificate),
            write_file(files.path(name + ".key"), issued.key)};
  }

  /// A client that trusts the authority.
  [[nodiscard]] tls_wish client() const {
    return {.root = authority.certificate()};
  }

  [[nodiscard]] tls_wish client(const certificate_wish& of) {
    auto wish = client();
    wish.own = authority.issue(of);
    return wish;
  }

  temporary_directory files;
  tls_authority authority;
  net::tls_config config;
};

} // namespace hetzel::test
