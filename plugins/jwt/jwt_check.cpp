#include "plugins/jwt/jwt_check.hpp"

#include "protocol/utf8.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::plugins {

namespace {

using mqtt::bytes_view;
using std::chrono::seconds;
using std::chrono::system_clock;
using outcome = mqtt::expected<void, jwt_fault>;

outcome refused(jwt_fault why) {
  return mqtt::unexpected(why);
}

/// A token that names a key is for that one; keys without a name (those of PEM
/// and secret files) are for all tokens.
outcome check_signature(const jwt_token& token, const jwt_rules& rules) {
  const auto& allowed = rules.options.algorithms;
  if (!allowed.empty()
      && std::ranges::find(allowed, token.algorithm) == allowed.end())
    return refused(jwt_fault::algorithm_refused);
  std::size_t tried = 0;
  for (const auto& key : rules.keys.keys) {
    if (!key.fits(token.algorithm)
        || (!token.key_id.empty() && !key.id.empty()
            && key.id != token.key_id))
      continue;
    if (key.verify(token.algorithm, token.signed_text, token.signature))
      return {};
    if (++tried == jwt_candidates_max)
      break;
  }
  return refused(tried == 0 ? jwt_fault::no_key : jwt_fault::bad_signature);
}

outcome check_times(const jwt_claims& claims, const jwt_options& options,
                    system_clock::time_point at) {
  const auto now = std::chrono::duration_cast<seconds>(at.time_since_epoch());
  const auto latest = (now + options.leeway).count();
  if (!claims.expires && options.expiry_required)
    return refused(jwt_fault::no_expiry);
  if (claims.expires && *claims.expires <= (now - options.leeway).count())
    return refused(jwt_fault::expired);
  if (claims.not_before.value_or(latest) > latest
      || claims.issued.value_or(latest) > latest)
    return refused(jwt_fault::not_yet_valid);
  return {};
}

/// Null when there is no such claim.
const std::string* find_text(const jwt_claims& claims, bytes_view name) {
  const auto found = claims.texts.find(name);
  return found == claims.texts.end() ? nullptr : &found->second;
}

outcome check_names(const jwt_claims& claims, const jwt_options& options,
                    const jwt_bearer& bearer) {
  if (!options.issuer.empty()) {
    const auto* issuer = find_text(claims, "iss");
    if (issuer == nullptr || *issuer != options.issuer)
      return refused(jwt_fault::wrong_issuer);
  }
  if (!options.audience.empty()
      && std::ranges::find(claims.audience, options.audience)
           == claims.audience.end())
    return refused(jwt_fault::wrong_audience);
  if (!options.client_id_claim.empty()) {
    const auto* client_id = find_text(claims, options.client_id_claim);
    if (client_id == nullptr || *client_id != bearer.client_id)
      return refused(jwt_fault::wrong_client_id);
  }
  return {};
}

outcome take_user(const jwt_claims& claims, const jwt_options& options,
                  const jwt_bearer& bearer, jwt_grant& into) {
  if (options.user_claim.empty())
    return {};
  const auto* user = find_text(claims, options.user_claim);
  // Else the client could call itself as it likes.
  if (user == nullptr || user->empty() || !mqtt::is_valid_utf8(*user))
    return refused(jwt_fault::no_user);
  if (options.must_match_user && bearer.user_name != bytes_view{*user})
    return refused(jwt_fault::wrong_user);
  into.user_name = *user;
  return {};
}

/// Null when one of the filters is none.
std::shared_ptr<const acl_index> compile(const jwt_acl& lists) {
  std::vector<acl_rule> rules;
  const auto add = [&](const std::string& filter, bool is_read) {
    acl_rule rule{.is_read = is_read, .is_write = !is_read,
                  .is_pattern = true, .user = {}, .filter = filter};
    rules.push_back(std::move(rule));
    return is_acl_filter(filter);
  };
  for (const auto& one : lists.publish)
    if (!add(one, false))
      return nullptr;
  for (const auto& one : lists.subscribe)
    if (!add(one, true))
      return nullptr;
  return std::make_shared<const acl_index>(rules);
}

outcome take_acl(const jwt_claims& claims, jwt_grant& into) {
  if (!claims.acl)
    return {};
  into.acl = compile(*claims.acl);
  return into.acl ? outcome{} : refused(jwt_fault::malformed);
}

} // namespace

mqtt::expected<jwt_grant, jwt_fault>
check_jwt(bytes_view text, const jwt_bearer& bearer, const jwt_rules& rules,
          system_clock::time_point now) {
  const auto token = parse_jwt(text);
  if (!token)
    return mqtt::unexpected(token.error());
  // Before anything that it claims is read.
  if (auto signature = check_signature(*token, rules); !signature)
    return mqtt::unexpected(signature.error());
  const auto& options = rules.options;
  const auto claims = parse_jwt_claims(token->payload, options.acl_claim);
  if (!claims)
    return mqtt::unexpected(claims.error());
  jwt_grant grant;
  auto result = check_times(*claims, options, now);
  if (result)
    result = check_names(*claims, options, bearer);
  if (result)
    result = take_user(*claims, options, bearer, grant);
  if (result)
    result = take_acl(*claims, grant);
  if (!result)
    return mqtt::unexpected(result.error());
  // The clock counts nanoseconds, and ends in 2262.
  constexpr std::int64_t latest = 9'000'000'000;
  if (claims->expires)
    grant.expires
      = system_clock::time_point{seconds{std::min(*claims->expires, latest)}};
  return grant;
}

} // namespace hetzel::plugins
