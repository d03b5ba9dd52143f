#include "actors/node/config/key_table.hpp"
#include "actors/node/config/scalar.hpp"
#include "actors/node/config/store.hpp"

#include <algorithm>
#include <array>

namespace hetzel::node {

namespace {

using net::listener_config;
using net::tls_config;

constexpr auto tls = &listener_config::tls;
constexpr auto files = &tls_config::certificate;

void store_tls_versions(listener_config& to, const value& from) {
  const auto allows = [&](std::int64_t position) {
    return std::binary_search(from.numbers.begin(), from.numbers.end(),
                              position);
  };
  to.tls.allowed_versions = {.v1_0 = allows(0),
                             .v1_1 = allows(1),
                             .v1_2 = allows(2),
                             .v1_3 = allows(3)};
}

/// VerneMQ's infinity: as long as can be said.
void store_handshake_timeout(listener_config& to, const value& from) {
  to.handshake_timeout = from.off ? std::chrono::minutes{10}
                                  : std::chrono::milliseconds{from.number};
}

void store_separator(listener_config& to, const value& from) {
  to.tls.psk_separator = from.text.front();
}

void store_groups(listener_config& to, const value& from) {
  auto text = trim(from.text);
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']')
    text = text.substr(1, text.size() - 2);
  to.tls.groups.clear();
  for (const auto part : split(text, ','))
    (to.tls.groups += to.tls.groups.empty() ? "" : ":") += part;
}

void store_named_certificates(listener_config& to, const value& from) {
  to.tls.named_certificates.clear();
  for (const auto part : split(from.text, ',')) {
    const auto paths = split(part, ';');
    if (!paths[0].empty())
      to.tls.named_certificates.push_back(
        {std::string(paths[0]),
         std::string(paths.size() > 1 ? paths[1] : std::string_view{})});
  }
}

void store_identity_source(listener_config& to, const value& from) {
  to.tls.identity = static_cast<tls_config::identity_source>(from.number);
}

using key = config_key<listener_config>;

constexpr listener_option option(key of) {
  of.facts.live = true;
  return {of, inherits_from::kind, tls_kinds};
}

constexpr auto options = std::to_array<listener_option>({
  option({{.name = "certfile",
           .kind = value_kind::path,
           .default_text = "off",
           .off = "off",
           .doc = "PEM: the server's certificate, and behind it those up to "
                  "the root. Only with psk_support it may be missing."},
          &store<tls, files, &net::certificate_files::certfile>}),
  option({{.name = "keyfile",
           .kind = value_kind::path,
           .default_text = "off",
           .off = "off",
           .doc = "PEM: the key of the certificate; off: it stands in "
                  "certfile."},
          &store<tls, files, &net::certificate_files::keyfile>}),
  option({{.name = "keypasswd",
           .kind = value_kind::text,
           .default_text = "",
           .max = 1'024,
           .secret = true,
           .doc = "The password of encrypted key files."},
          &store<tls, &tls_config::key_password>}),
  option({{.name = "sni_certificates",
           .kind = value_kind::text,
           .default_text = "",
           .max = 65'536,
           .doc = "More certificates, for clients that ask for one of the "
                  "names in them (SNI): a list of certfile;keyfile."},
          &store_named_certificates}),
  option({{.name = "tls_version",
           .kind = value_kind::words,
           .default_text = "tlsv1.2,tlsv1.3",
           .words = "tlsv1 tlsv1.1 tlsv1.2 tlsv1.3",
           .doc = "The versions that clients may choose from. The first two "
                  "are not safe any more, and allow weak signatures."},
          &store_tls_versions}),
  option({{.name = "ciphers",
           .kind = value_kind::text,
           .default_text = "",
           .max = 8'192,
           .doc = "Names of OpenSSL or IANA with colons between them, those "
                  "of TLS 1.3 too; empty: forward secrecy first, plain RSA "
                  "with AES last. Unknown ones are left out, with a warning."},
          &store<tls, &tls_config::ciphers>}),
  option({{.name = "eccs",
           .kind = value_kind::text,
           .default_text = "",
           .max = 1'024,
           .doc = "A list of named groups, such as secp384r1; empty: "
                  "OpenSSL's."},
          &store_groups}),
  option({{.name = "cafile",
           .kind = value_kind::path,
           .default_text = "off",
           .off = "off",
           .doc = "PEM: the roots that certificates of clients must lead "
                  "to."},
          &store<tls, &tls_config::cafile>}),
  option({{.name = "depth",
           .kind = value_kind::integer,
           .default_text = "1",
           .max = 100,
           .unit = "certificates",
           .doc = "Certificates that may stand between a client's and the "
                  "root."},
          &store<tls, &tls_config::depth>}),
  option({{.name = "crlfile",
           .kind = value_kind::path,
           .default_text = "off",
           .off = "off",
           .doc = "PEM: lists of revoked certificates. With it, the issuer of "
                  "a client's certificate must have one there that is "
                  "valid."},
          &store<tls, &tls_config::crlfile>}),
  option({{.name = "require_certificate",
           .kind = value_kind::flag,
           .default_text = "off",
           .doc = "Clients need a certificate that cafile vouches for."},
          &store<tls, &tls_config::require_certificate>}),
  option({{.name = "use_identity_as_username",
           .kind = value_kind::flag,
           .default_text = "off",
           .doc = "A client's certificate says its user name, whatever CONNECT "
                  "says. Clients are asked for one then, and may have none "
                  "unless require_certificate is on."},
          &store<tls, &tls_config::use_identity_as_username>}),
  option({{.name = "identity_source",
           .kind = value_kind::choice,
           .default_text = "cn",
           .words = "cn san",
           .doc = "Where in the certificate that name stands: the first "
                  "common name, or the first of the alternative names (DNS, "
                  "else e-mail, else URI)."},
          &store_identity_source}),
  option({{.name = "psk_support",
           .kind = value_kind::flag,
           .default_text = "off",
           .doc = "Clients may have a key from pskfile in place of "
                  "certificates."},
          &store<tls, &tls_config::psk_support>}),
  option({{.name = "pskfile",
           .kind = value_kind::path,
           .default_text = "./etc/hetzel.psk",
           .doc = "A line per client, identity:key. The key is the bytes that "
                  "stand there."},
          &store<tls, &tls_config::pskfile>}),
  option({{.name = "pskfile_separator",
           .kind = value_kind::text,
           .default_text = ":",
           .min = 1,
           .max = 1,
           .doc = "What stands between identity and key."},
          &store_separator}),
  option({{.name = "psk_identity_hint",
           .kind = value_kind::text,
           .default_text = "VMQ_PSK",
           .max = 128,
           .doc = "What a TLS 1.2 client is told, so that it can choose its "
                  "identity."},
          &store<tls, &tls_config::psk_identity_hint>}),
  option({{.name = "tls_session_lifetime",
           .kind = value_kind::duration,
           .default_text = "2h",
           .max = std::int64_t{24} * 3'600 * 1'000,
           .unit = "s",
           .doc = "How long a client may go on from an earlier handshake, "
                  "which is cheaper; 0: never. When files are read anew, all "
                  "begin anew."},
          &store<tls, &tls_config::session_lifetime>}),
  option({{.name = "tls_handshake_timeout",
           .kind = value_kind::duration,
           .default_text = "5s",
           .off = "infinity",
           .min = 1,
           .max = 10 * 60 * 1'000,
           .unit = "ms",
           .doc = "From accept to the end of the handshake, before "
                  "mqtt_connect_timeout begins. infinity is ten minutes."},
          &store_handshake_timeout}),
  option({{.name = "tls_handshake_rate",
           .kind = value_kind::integer,
           .default_text = "0",
           .off = "0",
           .min = 1,
           .max = 1'000'000,
           .unit = "connections per second",
           .doc = "Handshakes that may begin; who comes faster waits to be "
                  "accepted. 0: no limit."},
          &store<&listener_config::handshake_rate>}),
});

} // namespace

std::span<const listener_option> tls_listener_options() noexcept {
  return options;
}

} // namespace hetzel::node
