#include "actors/net/tls/certificate_names.hpp"

#include "test/support/tls_authority.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <openssl/pem.h>

namespace certificate_names_test {

using namespace hetzel;
using hetzel::net::stands_for;

namespace {

net::openssl_ptr<X509> certificate(const test::certificate_wish& wish) {
  const auto pem = test::tls_authority{}.issue(wish).certificate;
  const net::openssl_ptr<BIO> bio{
    BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  return net::openssl_ptr<X509>{
    PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
}

} // namespace

TEST_CASE("the common name is that of the subject, as UTF-8") {
  CHECK(net::common_name_of(certificate({.common_name = "Jules Verné"}).get())
        == "Jules Verné");
}

TEST_CASE("a common name with a zero byte is none") {
  const std::string name{"admin\0.example", 14};
  CHECK(net::common_name_of(certificate({.common_name = name}).get()).empty());
}

TEST_CASE("the alternative name is the first DNS name, else an address, else a "
          "URI") {
  const auto first = [](const char* names) {
    return net::alternative_name_of(
      certificate({.alternative_names = names}).get());
  };
  CHECK(first("email:a@b,DNS:one.example,DNS:two.example") == "one.example");
  CHECK(first("URI:urn:x,email:a@b") == "a@b");
  CHECK(first("URI:urn:x") == "urn:x");
  CHECK(first("IP:127.0.0.1").empty());
  CHECK(first("").empty());
}

TEST_CASE("a certificate is for its DNS names, else for its common name") {
  using names = std::vector<std::string>;
  CHECK(net::host_names_of(certificate({.common_name = "c",
                                   .alternative_names = "DNS:A.b,DNS:*.C"})
                        .get())
        == names{"a.b", "*.c"});
  CHECK(net::host_names_of(certificate({.common_name = "Host"}).get())
        == names{"host"});
}

TEST_CASE("a name stands for itself, with a star for any one first label") {
  CHECK(stands_for("a.example", "A.Example"));
  CHECK_FALSE(stands_for("a.example", "b.example"));
  CHECK(stands_for("*.example", "b.example"));
  CHECK_FALSE(stands_for("*.example", "example"));
  CHECK_FALSE(stands_for("*.example", ".example"));
  CHECK_FALSE(stands_for("*.example", "a.b.example"));
  CHECK_FALSE(stands_for("*", "example"));
}

} // namespace certificate_names_test
