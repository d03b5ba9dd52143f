#include "plugins/jwt/jwt_token.hpp"

#include "plugins/crypto/base64.hpp"
#include "plugins/files/text_lines.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <utility>

namespace hetzel::plugins {

namespace {

using mqtt::bytes_view;
using nlohmann::json;

constexpr auto malformed = jwt_fault::malformed;

/// An object, or nothing.
std::optional<json> parse_object(bytes_view text) {
  auto parsed = json::parse(text, nullptr, false);
  if (!parsed.is_object())
    return std::nullopt;
  return parsed;
}

/// The three parts, still coded.
struct parts {
  bytes_view header;
  bytes_view payload;
  bytes_view signature;
};

std::optional<parts> split(bytes_view text) {
  parts found;
  const auto header = take_until(text, '.');
  const auto payload = take_until(text, '.');
  if (!header || !payload || text.find('.') != bytes_view::npos)
    return std::nullopt;
  return parts{*header, *payload, text};
}

mqtt::expected<void, jwt_fault> read_header(bytes_view text,
                                            jwt_token& into) {
  const auto header = parse_object(text);
  if (!header || header->contains("crit"))
    return mqtt::unexpected(malformed);
  const auto name = header->find("alg");
  if (name == header->end() || !name->is_string())
    return mqtt::unexpected(malformed);
  const auto algorithm = find_jwt_algorithm(name->get<std::string>());
  if (!algorithm)
    return mqtt::unexpected(jwt_fault::algorithm_refused);
  into.algorithm = *algorithm;
  if (const auto id = header->find("kid"); id != header->end()) {
    if (!id->is_string())
      return mqtt::unexpected(malformed);
    into.key_id = id->get<std::string>();
  }
  return {};
}

/// A NumericDate (RFC 7519, 2), which may have a fraction. False: none.
bool read_date(const json& from, const char* name,
               std::optional<std::int64_t>& into) {
  constexpr double date_max = 1e15;
  const auto found = from.find(name);
  if (found == from.end())
    return true;
  if (!found->is_number())
    return false;
  const auto seconds = found->get<double>();
  if (!std::isfinite(seconds) || std::fabs(seconds) > date_max)
    return false;
  into = static_cast<std::int64_t>(std::floor(seconds));
  return true;
}

bool read_texts(const json& from, std::vector<std::string>& into) {
  if (!from.is_array())
    return false;
  for (const auto& one : from) {
    if (!one.is_string())
      return false;
    into.push_back(one.get<std::string>());
  }
  return true;
}

/// One string or several (RFC 7519, 4.1.3).
bool read_audience(const json& from, std::vector<std::string>& into) {
  const auto found = from.find("aud");
  if (found == from.end())
    return true;
  if (!found->is_string())
    return read_texts(*found, into);
  into.push_back(found->get<std::string>());
  return true;
}

bool read_acl(const json& from, std::optional<jwt_acl>& into) {
  if (!from.is_object())
    return false;
  auto& lists = into.emplace();
  for (const auto& [name, list] : from.items()) {
    const auto is_all = name == "all";
    const auto is_known = is_all || name == "publish" || name == "pub"
                          || name == "subscribe" || name == "sub";
    if (!is_known
        || ((is_all || name.starts_with('p'))
            && !read_texts(list, lists.publish))
        || ((is_all || name.starts_with('s'))
            && !read_texts(list, lists.subscribe)))
      return false;
  }
  return true;
}

} // namespace

mqtt::expected<jwt_token, jwt_fault> parse_jwt(bytes_view text) {
  const auto found = text.size() <= jwt_size_max ? split(text) : std::nullopt;
  if (!found)
    return mqtt::unexpected(malformed);
  const auto header = decode_base64(found->header, base64_form::url);
  auto payload = decode_base64(found->payload, base64_form::url);
  auto signature = decode_base64(found->signature, base64_form::url);
  if (!header || !payload || !signature)
    return mqtt::unexpected(malformed);
  jwt_token token;
  if (auto read = read_header(*header, token); !read)
    return mqtt::unexpected(read.error());
  token.signed_text
    = text.substr(0, found->header.size() + 1 + found->payload.size());
  token.signature = std::move(*signature);
  token.payload = std::move(*payload);
  return token;
}

mqtt::expected<jwt_claims, jwt_fault>
parse_jwt_claims(bytes_view payload, bytes_view acl_claim) {
  const auto object = parse_object(payload);
  if (!object)
    return mqtt::unexpected(malformed);
  jwt_claims claims;
  if (!read_date(*object, "exp", claims.expires)
      || !read_date(*object, "nbf", claims.not_before)
      || !read_date(*object, "iat", claims.issued)
      || !read_audience(*object, claims.audience))
    return mqtt::unexpected(malformed);
  for (const auto& [name, claim] : object->items()) {
    if (claim.is_string())
      claims.texts.emplace(name, claim.get<std::string>());
    if (name == acl_claim && !read_acl(claim, claims.acl))
      return mqtt::unexpected(malformed);
  }
  return claims;
}

} // namespace hetzel::plugins
