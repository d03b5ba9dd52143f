#include "plugins/scram/scram_exchange.hpp"

#include "plugins/crypto/base64.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace hetzel::plugins {

namespace {

using mqtt::auth_step;
using mqtt::bytes_view;
using mqtt::reason_code;

/// Longer messages are none.
constexpr std::size_t message_size_max = 4'096;
constexpr std::size_t nonce_size = 18;

auth_step refusal(reason_code code) {
  return {code, {}};
}

/// The value of the attribute at the front, `<name>=<value>`, which is removed
/// with the ',' behind it.
std::optional<bytes_view> take_attribute(bytes_view& text, char name) {
  if (text.size() < 2 || text[0] != name || text[1] != '=')
    return std::nullopt;
  const auto end = std::min(text.find(','), text.size());
  const auto value = text.substr(2, end - 2);
  text.remove_prefix(std::min(end + 1, text.size()));
  return value;
}

/// saslname: '=2C' and '=3D' stand for ',' and '=' (RFC 5802, 5.1).
std::optional<std::string> unescape_name(bytes_view text) {
  std::string name;
  while (!text.empty()) {
    const auto plain = text.substr(0, text.find('='));
    name += plain;
    text.remove_prefix(plain.size());
    if (take_prefix(text, "=2C"))
      name += ',';
    else if (take_prefix(text, "=3D"))
      name += '=';
    else if (!text.empty())
      return std::nullopt;
  }
  return name.empty() ? std::nullopt : std::optional{std::move(name)};
}

bool is_nonce(bytes_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char byte) {
    return byte >= '!' && byte <= '~' && byte != ',';
  });
}

/// client-first-message, taken apart.
struct first_message {
  bytes_view header;
  bytes_view bare;
  std::optional<std::string> authorisation;
  std::string user;
  bytes_view nonce;
};

/// gs2-header: no channel binding, or one that the client could do and we do
/// not offer; then who the client wants to act as.
bool read_header(bytes_view& text, first_message& into) {
  const auto whole = text;
  if (!take_prefix(text, "n,") && !take_prefix(text, "y,"))
    return false;
  if (!text.starts_with(',')) {
    const auto name = take_attribute(text, 'a');
    into.authorisation = name ? unescape_name(*name) : std::nullopt;
    if (!into.authorisation)
      return false;
  } else {
    text.remove_prefix(1);
  }
  into.header = whole.substr(0, whole.size() - text.size());
  return into.header.ends_with(',');
}

std::optional<first_message> read_first(bytes_view text) {
  first_message read;
  if (!read_header(text, read))
    return std::nullopt;
  read.bare = text;
  // An extension that the client insists on (`m=`) would stand here.
  const auto name = take_attribute(text, 'n');
  auto user = name ? unescape_name(*name) : std::nullopt;
  const auto nonce = take_attribute(text, 'r');
  if (!user || !nonce || !is_nonce(*nonce))
    return std::nullopt;
  read.user = std::move(*user);
  read.nonce = *nonce;
  return read;
}

/// client-final-message, taken apart.
struct final_message {
  bytes_view without_proof;
  bytes_view binding;
  bytes_view nonce;
  bytes_view proof;
};

std::optional<final_message> read_final(bytes_view text) {
  const auto at = text.rfind(",p=");
  if (at == bytes_view::npos)
    return std::nullopt;
  final_message read;
  read.without_proof = text.substr(0, at);
  read.proof = text.substr(at + 3);
  auto rest = read.without_proof;
  const auto binding = take_attribute(rest, 'c');
  const auto nonce = take_attribute(rest, 'r');
  if (!binding || !nonce)
    return std::nullopt;
  read.binding = *binding;
  read.nonce = *nonce;
  return read;
}

std::string exclusive_or(std::string a, bytes_view b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    a[i] = static_cast<char>(a[i] ^ b[i]);
  return a;
}

} // namespace

scram_exchange::scram_exchange(scram_mechanism mechanism,
                               scram_users_ptr users, std::string nonce)
  : mechanism_(mechanism), users_(std::move(users)), nonce_(std::move(nonce)) {}

auth_step scram_exchange::on_data(bytes_view data) {
  if (state_ == state::idle && data.empty()) {
    state_ = state::asked;
    return {reason_code::continue_authentication, {}};
  }
  if (state_ == state::over || data.size() > message_size_max)
    return refusal(reason_code::protocol_error);
  if (state_ != state::challenged)
    return on_first(data);
  state_ = state::over;
  return on_final(data);
}

auth_step scram_exchange::on_first(bytes_view data) {
  state_ = state::over;
  auto first = read_first(data);
  if (!first)
    return refusal(reason_code::protocol_error);
  if (first->authorisation && *first->authorisation != first->user)
    return refusal(reason_code::not_authorized);
  user_ = std::move(first->user);
  header_ = first->header;
  nonce_.insert(0, first->nonce);
  // Made up for known users too, so that both take the same time.
  credentials_ = users_->table.stand_in(mechanism_, user_,
                                        users_->stand_in_secret);
  const auto* known = users_->table.find(mechanism_, user_);
  is_known_ = known != nullptr;
  if (is_known_)
    credentials_ = *known;
  auto challenge = "r=" + nonce_ + ",s=" + encode_base64(credentials_.salt)
                   + ",i=" + std::to_string(credentials_.iterations);
  messages_ = std::string{first->bare} + "," + challenge;
  state_ = state::challenged;
  return {reason_code::continue_authentication, std::move(challenge)};
}

auth_step scram_exchange::on_final(bytes_view data) {
  const auto last = read_final(data);
  if (!last)
    return refusal(reason_code::protocol_error);
  messages_ += ",";
  messages_ += last->without_proof;
  const auto is_proved = proves(last->proof, messages_);
  if (!is_proved || !is_known_ || last->nonce != bytes_view{nonce_}
      || last->binding != encode_base64(header_))
    return refusal(reason_code::not_authorized);
  const auto signature = hmac_of(digest_of(mechanism_),
                                 credentials_.server_key, messages_);
  return {reason_code::success, "v=" + encode_base64(signature)};
}

bool scram_exchange::proves(bytes_view proof, bytes_view messages) const {
  const auto kind = digest_of(mechanism_);
  const auto proof_bytes = decode_base64(proof);
  if (!proof_bytes || proof_bytes->size() != digest_size(kind))
    return false;
  const auto signature = hmac_of(kind, credentials_.stored_key, messages);
  const auto client_key = exclusive_or(signature, *proof_bytes);
  return equal_in_constant_time(hash_of(kind, client_key),
                                credentials_.stored_key);
}

std::string make_scram_nonce() {
  return encode_base64(random_bytes(nonce_size));
}

} // namespace hetzel::plugins
