#include "plugins/jwt/jwt_check.hpp"
#include "protocol/assert.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

/// A token, the claims of one, and all kinds of files with keys, whatever they
/// are. Nobody signed them, so nobody is let in.

using namespace hetzel;
using namespace hetzel::plugins;

namespace {

const jwt_rules& rules() {
  static const auto made = [] {
    jwt_rules one;
    one.keys.keys.push_back(*jwt_key::from_secret(std::string(64, 's')));
    return one;
  }();
  return made;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  const mqtt::bytes_view text(reinterpret_cast<const char*>(bytes), size);
  const auto grant = check_jwt(text, {"c", "u"}, rules(), {});
  HETZEL_ASSERT(!grant);
  static_cast<void>(parse_jwt_claims(text, "acl"));
  static_cast<void>(parse_jwt_pem(text));
  static_cast<void>(parse_jwt_secret(text));
  if (const auto keys = parse_jwks(text))
    for (const auto& key : keys->keys)
      static_cast<void>(key.fits(jwt_algorithm::hs512));
  return 0;
}
