#include "actors/net/tls/cipher_choice.hpp"

#include "actors/net/tls/openssl.hpp"

#include <algorithm>
#include <array>

#include <openssl/err.h>

namespace hetzel::net {

namespace {

constexpr std::array<std::string_view, 5> suites_of_v1_3{
  "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_GCM_SHA256", "TLS_AES_128_CCM_SHA256",
  "TLS_AES_128_CCM_8_SHA256"};

bool is_operator(std::string_view word) noexcept {
  return std::string_view{"!-+@"}.find(word.front()) != std::string_view::npos;
}

/// OpenSSL's name of what IANA calls that; the same when it is none of IANA's.
std::string openssl_name(const std::string& word) {
  if (!word.starts_with("TLS_"))
    return word;
  const char* const name = OPENSSL_cipher_name(word.c_str());
  return name ? name : word;
}

void append(std::string& list, std::string_view word) {
  if (!list.empty())
    list += ':';
  list += word;
}

class sorter {
public:
  void add(const std::string& word) {
    if (std::find(suites_of_v1_3.begin(), suites_of_v1_3.end(), word)
        != suites_of_v1_3.end())
      return append(result_.v1_3, word);
    const auto name = openssl_name(word);
    if (is_operator(word) || is_known(name))
      return append(result_.up_to_v1_2, name);
    result_.unknown.push_back(word);
  }

  cipher_choice take() { return std::move(result_); }

private:
  bool is_known(const std::string& name) {
    const bool is = SSL_CTX_set_cipher_list(scratch_.get(), name.c_str()) == 1;
    ERR_clear_error();
    return is;
  }

  openssl_ptr<SSL_CTX> scratch_{SSL_CTX_new(TLS_method())};
  cipher_choice result_;
};

} // namespace

cipher_choice choose_ciphers(std::string_view names) {
  sorter sort;
  while (!names.empty()) {
    const auto end = names.find_first_of(":, ");
    if (const auto word = names.substr(0, end); !word.empty())
      sort.add(std::string{word});
    names.remove_prefix(end == std::string_view::npos ? names.size()
                                                      : end + 1);
  }
  return sort.take();
}

std::string_view default_ciphers() noexcept {
  return "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:"
         "AES256-GCM-SHA384:AES128-GCM-SHA256:AES256-SHA256:AES128-SHA256:"
         "AES256-SHA:AES128-SHA:!aNULL:!eNULL:-aPSK";
}

std::string_view psk_ciphers() noexcept {
  return "PSK-AES256-GCM-SHA384:PSK-AES256-CBC-SHA:PSK-AES128-GCM-SHA256:"
         "PSK-AES128-CBC-SHA";
}

} // namespace hetzel::net
