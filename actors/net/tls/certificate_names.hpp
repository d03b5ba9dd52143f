#pragma once

#include "actors/net/tls/openssl.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace hetzel::net {

/// The first common name of the subject as UTF-8; empty: it has none, or one
/// with a zero byte in it, which would mean one thing here and another there.
[[nodiscard]] std::string common_name_of(const X509* certificate);

/// The first DNS name among the alternative ones, else the first e-mail
/// address, else the first URI; empty: none of them.
[[nodiscard]] std::string alternative_name_of(const X509* certificate);

/// The host names that it stands for: the DNS names among the alternative
/// ones, else the common name; in lower case.
[[nodiscard]] std::vector<std::string> host_names_of(const X509* certificate);

/// Whether `name` of a certificate stands for `host`, in any case: the same,
/// or with a '*' for the whole first label.
[[nodiscard]] bool stands_for(std::string_view name,
                              std::string_view host) noexcept;

} // namespace hetzel::net
