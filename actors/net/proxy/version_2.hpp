#pragma once

#include "actors/net/proxy/header.hpp"

/// Version 2 of the PROXY protocol. Integers are big endian.
///
///    0  12  signature
///   12   1  version (2) in the upper half, command below: 0 LOCAL, 1 PROXY
///   13   1  family in the upper half (0 none, 1 IPv4, 2 IPv6, 3 local),
///           transport below (0 none, 1 stream, 2 datagrams)
///   14   2  size of what follows
///   16   –  source address, destination address, and with IP source port and
///           destination port: 12, 36 or 216 bytes in all; none without family
///        –  attributes: type (1), size (2), value
///
/// Attributes: 0x01 ALPN, 0x02 authority, 0x03 CRC-32C of the header with these
/// four bytes zero, 0x20 TLS: flags (1: 0x01 over TLS, 0x02 with a certificate,
/// 0x04 with one in this TLS session), result of its check (4: 0 is good), then
/// attributes 0x21 version, 0x22 common name, 0x23 cipher. Others are skipped.

namespace hetzel::net::proxy {

inline constexpr mqtt::bytes_view version_2_signature{
  "\r\n\r\n\0\r\nQUIT\n", 12};

/// Precondition: `received` begins with the signature, or the signature with
/// it.
[[nodiscard]] mqtt::expected<std::optional<header>, fault>
read_version_2(mqtt::bytes_view received);

} // namespace hetzel::net::proxy
