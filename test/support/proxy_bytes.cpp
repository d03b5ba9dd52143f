#include "test/support/proxy_bytes.hpp"

#include "test/support/hex.hpp"

#include <cstddef>
#include <cstdint>

namespace hetzel::test {

namespace {

std::string integer(std::uint64_t number, unsigned bytes) {
  std::string out;
  while (bytes-- > 0)
    out += static_cast<char>(number >> (8 * bytes) & 0xFFU);
  return out;
}

/// Bit by bit, as its definition says.
std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t rest = 0xFFFFFFFF;
  for (const char byte : bytes) {
    rest ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit)
      rest = rest >> 1U ^ ((rest & 1U) != 0 ? 0x82F63B78U : 0U);
  }
  return ~rest;
}

} // namespace

std::string proxy_attribute(unsigned type, std::string_view value) {
  return integer(type, 1) + integer(value.size(), 2) + std::string{value};
}

std::string proxy_block::ipv4_addresses() {
  return hex("c0000201 c6336407 1234 075b");
}

std::string proxy_block::ipv6_addresses() {
  return hex("20010db8 00000000 00000000 00000001"
                  "20010db8 00000000 00000000 00000002 1234 075b");
}

std::string proxy_block::bytes() const {
  return hex("0d0a0d0a 000d0a51 5549540a") + integer(command, 1)
         + integer(family, 1)
         + integer(addresses.size() + attributes.size(), 2) + addresses
         + attributes;
}

std::string proxy_block::checked_bytes(unsigned error) const {
  auto with = *this;
  with.attributes += proxy_attribute(0x03, std::string(4, '\0'));
  auto out = with.bytes();
  return out.replace(out.size() - 4, 4, integer(crc32c(out) + error, 4));
}

std::string proxy_tls_attribute::value() const {
  return integer(flags, 1) + integer(verify, 4)
         + proxy_attribute(0x21, "TLSv1.3")
         + proxy_attribute(0x22, common_name)
         + proxy_attribute(0x23, "TLS_AES_256_GCM_SHA384")
         + proxy_attribute(0x24, "SHA256");
}

} // namespace hetzel::test
