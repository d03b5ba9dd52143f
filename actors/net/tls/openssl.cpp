#include "actors/net/tls/openssl.hpp"

#include <cstring>

#include <openssl/err.h>

namespace hetzel::net {

std::string take_openssl_error() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  if (code == 0)
    return "unknown";
  if (ERR_SYSTEM_ERROR(code))
    return std::strerror(ERR_GET_REASON(code));
  const char* const reason = ERR_reason_error_string(code);
  return reason ? reason : "error " + std::to_string(code);
}

} // namespace hetzel::net
