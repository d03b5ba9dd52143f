#pragma once

#include <string_view>

namespace hetzel::plugins {

/// Why a token was refused. Told to the log and the counters, never to the
/// client.
enum class jwt_fault : unsigned char {
  malformed,         ///< no token at all, or broken in its form
  algorithm_refused, ///< `none`, unknown, or not among the configured ones
  no_key,            ///< none of the keys is for this algorithm or key id
  bad_signature,
  no_expiry,     ///< it never expires, and must
  expired,       ///< its time is over
  not_yet_valid, ///< its time has not come, or it was issued in the future
  wrong_issuer,
  wrong_audience,
  no_user,         ///< the claim that names the user is missing
  wrong_user,      ///< it is not the user of CONNECT
  wrong_client_id, ///< it is for another client id
  count_           ///< number of faults, not one of them
};

[[nodiscard]] constexpr std::string_view to_string(jwt_fault why) noexcept {
  switch (why) {
    case jwt_fault::malformed:
      return "malformed";
    case jwt_fault::algorithm_refused:
      return "algorithm_refused";
    case jwt_fault::no_key:
      return "no_key";
    case jwt_fault::bad_signature:
      return "bad_signature";
    case jwt_fault::no_expiry:
      return "no_expiry";
    case jwt_fault::expired:
      return "expired";
    case jwt_fault::not_yet_valid:
      return "not_yet_valid";
    case jwt_fault::wrong_issuer:
      return "wrong_issuer";
    case jwt_fault::wrong_audience:
      return "wrong_audience";
    case jwt_fault::no_user:
      return "no_user";
    case jwt_fault::wrong_user:
      return "wrong_user";
    case jwt_fault::wrong_client_id:
      return "wrong_client_id";
    case jwt_fault::count_:
      break;
  }
  return "unknown";
}

} // namespace hetzel::plugins
