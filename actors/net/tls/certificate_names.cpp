#include "actors/net/tls/certificate_names.hpp"

#include <algorithm>
#include <cctype>

#include <openssl/x509v3.h>

namespace hetzel::net {

namespace {

openssl_ptr<GENERAL_NAMES> alternative_names(const X509* certificate) {
  return openssl_ptr<GENERAL_NAMES>{static_cast<GENERAL_NAMES*>(
    X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
}

/// All of one type, in their order. The three types asked for are IA5String.
std::vector<std::string> names_of_type(const GENERAL_NAMES* names, int type) {
  std::vector<std::string> found;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const auto* const name = sk_GENERAL_NAME_value(names, i);
    if (name->type != type)
      continue;
    const auto* const text = name->d.ia5;
    std::string value{
      reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
      static_cast<std::size_t>(ASN1_STRING_length(text))};
    if (!value.empty() && value.find('\0') == std::string::npos)
      found.push_back(std::move(value));
  }
  return found;
}

char lower(char letter) noexcept {
  return static_cast<char>(
    std::tolower(static_cast<unsigned char>(letter)));
}

bool is_same(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

} // namespace

std::string common_name_of(const X509* certificate) {
  const auto* const subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0)
    return {};
  const auto* const entry
    = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, entry);
  if (size < 0)
    return {};
  std::string name{reinterpret_cast<const char*>(utf8),
                   static_cast<std::size_t>(size)};
  OPENSSL_free(utf8);
  return name.find('\0') == std::string::npos ? name : std::string{};
}

std::string alternative_name_of(const X509* certificate) {
  const auto names = alternative_names(certificate);
  for (const int type : {GEN_DNS, GEN_EMAIL, GEN_URI})
    if (auto found = names_of_type(names.get(), type); !found.empty())
      return std::move(found.front());
  return {};
}

std::vector<std::string> host_names_of(const X509* certificate) {
  auto found = names_of_type(alternative_names(certificate).get(), GEN_DNS);
  if (found.empty())
    if (auto name = common_name_of(certificate); !name.empty())
      found.push_back(std::move(name));
  for (auto& name : found)
    std::transform(name.begin(), name.end(), name.begin(), lower);
  return found;
}

bool stands_for(std::string_view name, std::string_view host) noexcept {
  if (!name.starts_with("*."))
    return is_same(name, host);
  const auto dot = host.find('.');
  return dot != std::string_view::npos && dot > 0
         && is_same(name.substr(1), host.substr(dot));
}

} // namespace hetzel::net
