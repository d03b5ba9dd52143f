#include "plugins/jwt/jwt_key_set.hpp"

#include "plugins/crypto/base64.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace hetzel::plugins {

namespace {

using mqtt::bytes_view;

template <auto Free>
struct freed_by {
  void operator()(auto* object) const noexcept { Free(object); }
};

using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free_all>>;
using certificate_ptr = std::unique_ptr<X509, freed_by<X509_free>>;

parsed_jwt_keys fault(std::size_t line, std::string what) {
  return mqtt::unexpected(text_fault{line, std::move(what)});
}

/// OpenSSL's memory; freed at destruction.
struct pem_block {
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* bytes = nullptr;
  long size = 0;

  pem_block() = default;
  pem_block(const pem_block&) = delete;
  pem_block& operator=(const pem_block&) = delete;
  ~pem_block() {
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(bytes, static_cast<std::size_t>(size));
  }
};

/// Null: no key is in it.
EVP_PKEY* key_of(const pem_block& block) {
  const bytes_view name = block.name;
  const auto* bytes = static_cast<const unsigned char*>(block.bytes);
  if (name == "PUBLIC KEY")
    return d2i_PUBKEY(nullptr, &bytes, block.size);
  if (name == "RSA PUBLIC KEY")
    return d2i_PublicKey(EVP_PKEY_RSA, nullptr, &bytes, block.size);
  if (name != "CERTIFICATE")
    return nullptr;
  const certificate_ptr owner{d2i_X509(nullptr, &bytes, block.size)};
  return owner ? X509_get_pubkey(owner.get()) : nullptr;
}

/// Of the next block behind `from` bytes, or of what is there instead; 1…
std::size_t line_at(bytes_view text, std::size_t from) {
  const auto block = text.find("-----BEGIN", from);
  const auto begin = block == bytes_view::npos ? from : block;
  return 1 + static_cast<std::size_t>(std::ranges::count(
           text.substr(0, begin), '\n'));
}

} // namespace

parsed_jwt_keys parse_jwt_secret(bytes_view text) {
  if (text.ends_with('\n'))
    text.remove_suffix(1);
  if (text.ends_with('\r'))
    text.remove_suffix(1);
  std::string secret{text};
  if (take_prefix(text, "base64:")) {
    auto decoded = decode_base64(text);
    if (!decoded)
      return fault(1, "no base64 stands behind base64:");
    secret = std::move(*decoded);
  }
  auto key = jwt_key::from_secret(std::move(secret));
  if (!key)
    return fault(1, std::move(key.error()));
  jwt_key_set found;
  found.keys.push_back(std::move(*key));
  return found;
}

parsed_jwt_keys parse_jwt_pem(bytes_view text) {
  const bio_ptr in{BIO_new_mem_buf(text.data(),
                                   static_cast<int>(text.size()))};
  jwt_key_set found;
  std::size_t from = 0;
  while (found.keys.size() < jwt_keys_max) {
    from = text.size() - BIO_ctrl_pending(in.get());
    pem_block block;
    if (PEM_read_bio(in.get(), &block.name, &block.header, &block.bytes,
                     &block.size)
        != 1)
      break;
    if (bytes_view{block.name}.ends_with("PRIVATE KEY"))
      return fault(line_at(text, from), "a private key, where public keys "
                                        "belong");
    auto key = jwt_key::from_public(key_of(block));
    if (!key)
      return fault(line_at(text, from), std::move(key.error()));
    found.keys.push_back(std::move(*key));
  }
  const auto last = ERR_peek_last_error();
  ERR_clear_error();
  if (found.keys.empty() || ERR_GET_REASON(last) != PEM_R_NO_START_LINE)
    return fault(line_at(text, from),
                 "no public key or certificate in PEM");
  return found;
}

} // namespace hetzel::plugins
