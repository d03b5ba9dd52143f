#include "test/support/jwt_signer.hpp"

#include "plugins/crypto/base64.hpp"
#include "plugins/crypto/digest.hpp"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <stdexcept>

namespace hetzel::test {

namespace {

using plugins::base64_form;
using plugins::digest;
using plugins::encode_base64;

digest digest_of(const std::string& name) {
  if (name.ends_with("256"))
    return digest::sha256;
  return name.ends_with("384") ? digest::sha384 : digest::sha512;
}

const EVP_MD* method_of(const std::string& name) {
  if (name == "EdDSA")
    return nullptr;
  if (name.ends_with("256"))
    return EVP_sha256();
  return name.ends_with("384") ? EVP_sha384() : EVP_sha512();
}

evp_pkey_st* make_key(const std::string& name) {
  if (name.starts_with("RS") || name.starts_with("PS"))
    return EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048});
  if (name == "ES256")
    return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
  if (name == "ES384")
    return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-384");
  if (name == "ES512")
    return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-521");
  return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
}

/// The two numbers in a row, each filled up with zeros.
std::string halves_of(const std::string& der, int size) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  auto* both = d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size()));
  std::string out(static_cast<std::size_t>(2 * size), '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(both), to, size);
  BN_bn2binpad(ECDSA_SIG_get0_s(both), to + size, size);
  ECDSA_SIG_free(both);
  return out;
}

void require(bool is_done) {
  if (!is_done)
    throw std::runtime_error("OpenSSL cannot sign");
}

} // namespace

jwt_signer::jwt_signer(plugins::jwt_algorithm algorithm) {
  for (auto name : {"HS256", "HS384", "HS512", "RS256", "RS384", "RS512",
                    "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
                    "EdDSA"})
    if (plugins::find_jwt_algorithm(name) == algorithm)
      name_ = name;
  if (name_.starts_with("HS"))
    secret_ = plugins::random_bytes(64);
  else
    private_key_.reset(make_key(name_), EVP_PKEY_free);
}

std::string jwt_text(const std::string& header, const std::string& payload) {
  return encode_base64(header, base64_form::url) + "."
         + encode_base64(payload, base64_form::url);
}

std::string jwt_signer::token(const std::string& payload,
                              const std::string& more) const {
  const auto text
    = jwt_text(R"({"alg":")" + name_ + "\"" + more + "}", payload);
  return text + "." + encode_base64(sign(text), base64_form::url);
}

plugins::jwt_key jwt_signer::key() const {
  if (!secret_.empty())
    return *plugins::jwt_key::from_secret(secret_);
  EVP_PKEY_up_ref(private_key_.get());
  return *plugins::jwt_key::from_public(private_key_.get());
}

std::string jwt_signer::pem() const {
  auto* out = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(out, private_key_.get());
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(out, &bytes);
  std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(out);
  return text;
}

std::string jwt_signer::sign(const std::string& text) const {
  if (!secret_.empty())
    return plugins::hmac_of(digest_of(name_), secret_, text);
  auto* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* of_key = nullptr;
  require(EVP_DigestSignInit(context, &of_key, method_of(name_), nullptr,
                             private_key_.get())
          == 1);
  if (name_.starts_with("PS")) {
    EVP_PKEY_CTX_set_rsa_padding(of_key, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(of_key, RSA_PSS_SALTLEN_DIGEST);
  }
  std::string signature(1024, '\0');
  auto size = signature.size();
  require(EVP_DigestSign(context,
                         reinterpret_cast<unsigned char*>(signature.data()),
                         &size,
                         reinterpret_cast<const unsigned char*>(text.data()),
                         text.size())
          == 1);
  EVP_MD_CTX_free(context);
  signature.resize(size);
  if (name_ == "ES256")
    return halves_of(signature, 32);
  if (name_ == "ES384")
    return halves_of(signature, 48);
  return name_ == "ES512" ? halves_of(signature, 66) : signature;
}

} // namespace hetzel::test
