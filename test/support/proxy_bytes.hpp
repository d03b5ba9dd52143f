#pragma once

#include <string>
#include <string_view>

/// PROXY headers as a proxy writes them, with every fault a test wants.

namespace hetzel::test {

/// One attribute of version 2.
[[nodiscard]] std::string proxy_attribute(unsigned type,
                                          std::string_view value);

struct proxy_block {
  unsigned command = 0x21;
  unsigned family = 0x11;
  std::string addresses = ipv4_addresses();
  std::string attributes = {};

  /// 192.0.2.1:4660 to 198.51.100.7:1883.
  static std::string ipv4_addresses();
  /// [2001:db8::1]:4660 to [2001:db8::2]:1883.
  static std::string ipv6_addresses();

  [[nodiscard]] std::string bytes() const;
  /// With a checksum as the last attribute; wrong by `error`.
  [[nodiscard]] std::string checked_bytes(unsigned error = 0) const;
};

struct proxy_tls_attribute {
  unsigned flags = 0x07;
  unsigned verify = 0;
  std::string common_name = "meter-7";

  /// The value of the attribute 0x20.
  [[nodiscard]] std::string value() const;
};

} // namespace hetzel::test
