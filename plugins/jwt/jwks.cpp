#include "plugins/crypto/base64.hpp"
#include "plugins/jwt/jwt_key_set.hpp"

#include <nlohmann/json.hpp>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace hetzel::plugins {

namespace {

using mqtt::bytes_view;
using nlohmann::json;
using key_or_fault = mqtt::expected<jwt_key, std::string>;

template <auto Free>
struct freed_by {
  void operator()(auto* object) const noexcept { Free(object); }
};

using number_ptr = std::unique_ptr<BIGNUM, freed_by<BN_free>>;
using builder_ptr = std::unique_ptr<OSSL_PARAM_BLD,
                                    freed_by<OSSL_PARAM_BLD_free>>;
using params_ptr = std::unique_ptr<OSSL_PARAM, freed_by<OSSL_PARAM_free>>;
using context_ptr = std::unique_ptr<EVP_PKEY_CTX, freed_by<EVP_PKEY_CTX_free>>;

key_or_fault broken(const char* what) {
  return mqtt::unexpected<std::string>(what);
}

/// Empty when it is missing or no string.
std::string text_of(const json& from, const char* name) {
  const auto found = from.find(name);
  return found != from.end() && found->is_string()
           ? found->get<std::string>()
           : std::string{};
}

std::string bytes_of(const json& from, const char* name) {
  return decode_base64(text_of(from, name), base64_form::url)
    .value_or(std::string{});
}

const unsigned char* raw(const std::string& bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// Null: the parameters make no key.
EVP_PKEY* make_key(const char* type, OSSL_PARAM_BLD* from) {
  const params_ptr params{OSSL_PARAM_BLD_to_param(from)};
  const context_ptr context{EVP_PKEY_CTX_new_from_name(nullptr, type,
                                                       nullptr)};
  EVP_PKEY* made = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1
      || EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY,
                           params.get())
           != 1)
    return nullptr;
  return made;
}

key_or_fault read_rsa(const json& from) {
  const auto n = bytes_of(from, "n");
  const auto e = bytes_of(from, "e");
  if (n.empty() || e.empty())
    return broken("n or e is missing or no base64url");
  const number_ptr modulus{BN_bin2bn(raw(n), static_cast<int>(n.size()),
                                     nullptr)};
  const number_ptr exponent{BN_bin2bn(raw(e), static_cast<int>(e.size()),
                                      nullptr)};
  const builder_ptr builder{OSSL_PARAM_BLD_new()};
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  return jwt_key::from_public(make_key("RSA", builder.get()));
}

struct curve {
  bytes_view name;
  const char* group;
  std::size_t size;
};

constexpr curve curves[] = {
  {"P-256", "prime256v1", 32},
  {"P-384", "secp384r1", 48},
  {"P-521", "secp521r1", 66},
};

key_or_fault read_ec(const json& from, const curve& on) {
  const auto x = bytes_of(from, "x");
  const auto y = bytes_of(from, "y");
  if (x.size() != on.size || y.size() != on.size)
    return broken("x or y is missing or of another size than the curve");
  // Uncompressed (SEC 1, 2.3.3). OpenSSL refuses what is not on the curve.
  const auto point = "\x04" + x + y;
  const builder_ptr builder{OSSL_PARAM_BLD_new()};
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                  on.group, 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                   point.data(), point.size());
  return jwt_key::from_public(make_key("EC", builder.get()));
}

key_or_fault read_edwards(const json& from, int type) {
  const auto x = bytes_of(from, "x");
  return jwt_key::from_public(
    EVP_PKEY_new_raw_public_key(type, nullptr, raw(x), x.size()));
}

/// Nullopt: a kind that is not known here.
std::optional<key_or_fault> read_kind(const json& from) {
  const auto kind = text_of(from, "kty");
  const auto on = text_of(from, "crv");
  if (kind == "oct")
    return jwt_key::from_secret(bytes_of(from, "k"));
  if (kind == "RSA")
    return read_rsa(from);
  if (kind == "OKP" && on == "Ed25519")
    return read_edwards(from, EVP_PKEY_ED25519);
  if (kind == "OKP" && on == "Ed448")
    return read_edwards(from, EVP_PKEY_ED448);
  const auto* found = std::ranges::find(curves, bytes_view{on}, &curve::name);
  if (kind == "EC" && found != std::end(curves))
    return read_ec(from, *found);
  return std::nullopt;
}

/// `use` and `key_ops` (RFC 7517, 4.2 and 4.3); missing ones allow everything.
bool may_verify(const json& from) {
  const auto use = text_of(from, "use");
  const auto operations = from.find("key_ops");
  return (use.empty() || use == "sig")
         && (operations == from.end() || !operations->is_array()
             || std::ranges::find(*operations, json("verify"))
                  != operations->end());
}

/// One key into `found`; the error makes the whole set useless.
mqtt::expected<void, std::string> add_key(const json& from,
                                          jwt_key_set& found) {
  const auto leave_out = [&](std::string what) {
    found.warnings.push_back({1, std::move(what)});
    return mqtt::expected<void, std::string>{};
  };
  if (!from.is_object())
    return mqtt::unexpected<std::string>("it is no object");
  if (!may_verify(from))
    return leave_out("a key that is not for signatures is left out");
  const auto algorithm = text_of(from, "alg");
  const auto only_for = find_jwt_algorithm(algorithm);
  if (!algorithm.empty() && !only_for)
    return leave_out("a key for an unknown alg is left out");
  auto key = read_kind(from);
  if (!key)
    return leave_out("a key of an unknown kty or crv is left out");
  if (!*key)
    return mqtt::unexpected(std::move(key->error()));
  (*key)->id = text_of(from, "kid");
  (*key)->only_for = only_for;
  found.keys.push_back(std::move(**key));
  return {};
}

std::size_t line_of(bytes_view text, std::size_t byte) {
  return 1 + static_cast<std::size_t>(std::ranges::count(
           text.substr(0, byte), '\n'));
}

/// The parser's own words may cite the text, which may hold a secret.
mqtt::expected<json, text_fault> parse_json(bytes_view text) {
  try {
    return json::parse(text);
  } catch (const json::parse_error& why) {
    return mqtt::unexpected(text_fault{line_of(text, why.byte), "no JSON"});
  }
}

} // namespace

parsed_jwt_keys parse_jwks(bytes_view text) {
  const auto fault = [](std::string what) {
    return mqtt::unexpected(text_fault{1, std::move(what)});
  };
  const auto set = parse_json(text);
  if (!set)
    return mqtt::unexpected(set.error());
  if (!set->is_object() || !set->contains("keys") || !(*set)["keys"].is_array())
    return fault("no JWK Set: an object with an array named keys");
  const auto& keys = (*set)["keys"];
  if (keys.size() > jwt_keys_max)
    return fault("more than 1000 keys");
  jwt_key_set found;
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (auto added = add_key(keys[i], found); !added)
      return fault("key " + std::to_string(i + 1) + ": " + added.error());
  return found;
}

} // namespace hetzel::plugins
