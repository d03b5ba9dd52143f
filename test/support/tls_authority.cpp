#include "test/support/tls_authority.hpp"

#include "actors/net/tls/openssl.hpp"
#include "test/support/openssl_check.hpp"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <utility>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace hetzel::test {

namespace {

struct key_delete {
  void operator()(EVP_PKEY* of) const noexcept { EVP_PKEY_free(of); }
};

using key_ptr = std::unique_ptr<EVP_PKEY, key_delete>;
using certificate_ptr = net::openssl_ptr<X509>;

template <class Write>
std::string to_pem(Write&& write) {
  const net::openssl_ptr<BIO> bio{BIO_new(BIO_s_mem())};
  check_openssl(write(bio.get()) == 1);
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* of) {
  return to_pem([of](BIO* to) { return PEM_write_bio_X509(to, of); });
}

certificate_ptr from_pem(const std::string& text) {
  const net::openssl_ptr<BIO> bio{
    BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  return certificate_ptr{
    PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
}

void add_extension(X509* to, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  auto* const extension
    = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  check_openssl(extension != nullptr);
  X509_add_ext(to, extension, -1);
  X509_EXTENSION_free(extension);
}

long next_serial() {
  static std::atomic<long> last{1};
  return ++last;
}

struct pair {
  certificate_ptr certificate;
  key_ptr key;
};

/// Signed by itself when there is no issuer.
pair make(const certificate_wish& wish, bool is_authority,
          const pair* issuer) {
  pair made{certificate_ptr{X509_new()}, key_ptr{EVP_EC_gen("P-256")}};
  auto* const x = made.certificate.get();
  check_openssl(x && made.key);
  X509_set_version(x, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x), next_serial());
  X509_gmtime_adj(X509_getm_notBefore(x), wish.valid_from);
  X509_gmtime_adj(X509_getm_notAfter(x), wish.valid_to);
  X509_set_pubkey(x, made.key.get());
  X509_NAME_add_entry_by_txt(
    X509_get_subject_name(x), "CN", MBSTRING_UTF8,
    reinterpret_cast<const unsigned char*>(wish.common_name.data()),
    static_cast<int>(wish.common_name.size()), -1, 0);
  auto* const by = issuer ? issuer->certificate.get() : x;
  X509_set_issuer_name(x, X509_get_subject_name(by));
  add_extension(x, by, NID_basic_constraints,
                is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!wish.alternative_names.empty())
    add_extension(x, by, NID_subject_alt_name, wish.alternative_names);
  auto* const key = (issuer ? *issuer : made).key.get();
  check_openssl(X509_sign(x, key, EVP_sha256()) != 0);
  return made;
}

} // namespace

struct tls_authority::implementation {
  pair own;
  std::vector<certificate_ptr> revoked;
};

tls_authority::tls_authority(const std::string& name)
  : impl_(std::make_unique<implementation>()) {
  impl_->own = make({.common_name = name}, true, nullptr);
}

tls_authority::tls_authority(std::unique_ptr<implementation> of)
  : impl_(std::move(of)) {}

tls_authority::tls_authority(tls_authority&&) noexcept = default;
tls_authority::~tls_authority() = default;

std::string tls_authority::certificate() const {
  return pem_of(impl_->own.certificate.get());
}

tls_authority tls_authority::below(const std::string& name) const {
  auto made = std::make_unique<implementation>();
  made->own = make({.common_name = name}, true, &impl_->own);
  return tls_authority{std::move(made)};
}

issued_certificate tls_authority::issue(const certificate_wish& wish) {
  const auto made = make(wish, false, &impl_->own);
  return {pem_of(made.certificate.get()), to_pem([&](BIO* to) {
            return PEM_write_bio_PrivateKey(to, made.key.get(), nullptr,
                                            nullptr, 0, nullptr, nullptr);
          })};
}

void tls_authority::revoke(const issued_certificate& which) {
  impl_->revoked.push_back(from_pem(which.certificate));
}

std::string tls_authority::revocations() const {
  auto* const list = X509_CRL_new();
  X509_CRL_set_version(list, 1);
  X509_CRL_set_issuer_name(
    list, X509_get_subject_name(impl_->own.certificate.get()));
  auto* const time = ASN1_TIME_new();
  X509_gmtime_adj(time, -60);
  X509_CRL_set1_lastUpdate(list, time);
  X509_gmtime_adj(time, 3'600);
  X509_CRL_set1_nextUpdate(list, time);
  X509_gmtime_adj(time, -60);
  for (const auto& one : impl_->revoked) {
    auto* const entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(one.get()));
    X509_REVOKED_set_revocationDate(entry, time);
    X509_CRL_add0_revoked(list, entry);
  }
  X509_CRL_sort(list);
  check_openssl(X509_CRL_sign(list, impl_->own.key.get(), EVP_sha256()) != 0);
  auto text
    = to_pem([&](BIO* to) { return PEM_write_bio_X509_CRL(to, list); });
  ASN1_TIME_free(time);
  X509_CRL_free(list);
  return text;
}

std::string write_file(const std::string& path, const std::string& text) {
  const auto fresh = path + ".new";
  {
    std::ofstream out(fresh, std::ios::binary);
    out << text;
    check_openssl(static_cast<bool>(out.flush()));
  }
  std::filesystem::rename(fresh, path);
  return path;
}

} // namespace hetzel::test
