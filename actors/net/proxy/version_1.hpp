#pragma once

#include "actors/net/proxy/header.hpp"

/// Version 1 of the PROXY protocol, one line of text:
///
///   "PROXY" SP "TCP4" or "TCP6" SP source SP destination
///           SP source port SP destination port CR LF
///   "PROXY" SP "UNKNOWN" and anything up to CR LF
///
/// at most `line_size_max` bytes. Addresses are literals, ports decimal without
/// leading zeros.

namespace hetzel::net::proxy {

inline constexpr mqtt::bytes_view version_1_prefix{"PROXY "};

/// Precondition: `received` begins with the prefix, or the prefix with it.
[[nodiscard]] mqtt::expected<std::optional<header>, fault>
read_version_1(mqtt::bytes_view received);

} // namespace hetzel::net::proxy
