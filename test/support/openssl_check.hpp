#pragma once

#include "actors/net/tls/openssl.hpp"

#include <stdexcept>

namespace hetzel::test {

/// Throws what OpenSSL says of a call that failed.
inline void check_openssl(bool is_good) {
  if (!is_good)
    throw std::runtime_error{net::take_openssl_error()};
}

} // namespace hetzel::test
