#include "actors/net/tls/ticket_keys.hpp"

#include <algorithm>
#include <cstring>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

namespace hetzel::net {

namespace {

constexpr int refused = 0;
constexpr int accepted = 1;
constexpr int accepted_and_renewed = 2;
constexpr int failed = -1;

void wipe(ticket_keys::key& of) noexcept {
  OPENSSL_cleanse(of.cipher.data(), of.cipher.size());
  OPENSSL_cleanse(of.mac.data(), of.mac.size());
}

template <std::size_t Size>
bool fill(std::array<unsigned char, Size>& bytes) noexcept {
  return RAND_priv_bytes(bytes.data(), static_cast<int>(Size)) == 1;
}

bool use_mac(EVP_MAC_CTX* mac, ticket_keys::key& of) noexcept {
  char digest[] = "SHA256";
  const std::array parameters{
    OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, of.mac.data(),
                                      of.mac.size()),
    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
    OSSL_PARAM_construct_end()};
  return EVP_MAC_CTX_set_params(mac, parameters.data()) == 1;
}

} // namespace

ticket_keys::~ticket_keys() {
  forget();
}

void ticket_keys::forget() {
  const std::lock_guard guard{mutex_};
  std::for_each(keys_.begin(), keys_.end(), wipe);
  keys_.clear();
}

void ticket_keys::drop_old(clock::time_point now) {
  const auto kept = lifetime_ + lifetime_ / 2;
  const auto is_old
    = [&](const key& one) { return now - one.since >= kept; };
  while (!keys_.empty() && is_old(keys_.front())) {
    wipe(keys_.front());
    keys_.erase(keys_.begin());
  }
}

std::optional<ticket_keys::key> ticket_keys::current(clock::time_point now) {
  const std::lock_guard guard{mutex_};
  drop_old(now);
  if (!keys_.empty() && now - keys_.back().since < lifetime_ / 2)
    return keys_.back();
  key fresh;
  fresh.since = now;
  if (!fill(fresh.name) || !fill(fresh.cipher) || !fill(fresh.mac))
    return std::nullopt;
  keys_.push_back(fresh);
  return fresh;
}

std::optional<ticket_keys::found_key>
ticket_keys::find(const unsigned char* name, clock::time_point now) {
  const std::lock_guard guard{mutex_};
  drop_old(now);
  for (const auto& one : keys_)
    if (std::memcmp(name, one.name.data(), one.name.size()) == 0)
      return found_key{one, &one == &keys_.back()};
  return std::nullopt;
}

int ticket_keys::on_ticket(unsigned char* name, unsigned char* iv,
                           EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                           bool is_sealing) {
  const auto* const algorithm = EVP_aes_256_cbc();
  const auto now = clock::now();
  if (is_sealing) {
    auto with = current(now);
    if (!with || RAND_bytes(iv, EVP_CIPHER_get_iv_length(algorithm)) != 1)
      return failed;
    std::memcpy(name, with->name.data(), with->name.size());
    const bool is_ready = EVP_EncryptInit_ex(cipher, algorithm, nullptr,
                                             with->cipher.data(), iv)
                            == 1
                          && use_mac(mac, *with);
    wipe(*with);
    return is_ready ? accepted : failed;
  }
  auto found = find(name, now);
  if (!found)
    return refused;
  auto& with = found->sealed_with;
  const bool is_ready
    = EVP_DecryptInit_ex(cipher, algorithm, nullptr, with.cipher.data(), iv)
        == 1
      && use_mac(mac, with);
  wipe(with);
  if (!is_ready)
    return failed;
  return found->is_current ? accepted : accepted_and_renewed;
}

} // namespace hetzel::net
