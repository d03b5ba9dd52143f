#include "actors/net/proxy/version_2.hpp"

#include "actors/net/socket_address.hpp"
#include "protocol/utf8.hpp"

#include <boost/crc.hpp>

#include <cstdint>
#include <cstring>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>

namespace hetzel::net::proxy {

namespace {

constexpr std::size_t fixed_size = 16;

constexpr unsigned command_local = 0x20;
constexpr unsigned command_proxy = 0x21;

enum family : unsigned {
  unspecified = 0x00,
  ipv4_stream = 0x11,
  ipv6_stream = 0x21,
  local_stream = 0x31,
};

enum attribute : unsigned {
  alpn = 0x01,
  authority = 0x02,
  checksum = 0x03,
  tls = 0x20,
  tls_version = 0x21,
  tls_common_name = 0x22,
  tls_cipher = 0x23,
};

enum tls_flag : unsigned {
  over_tls = 0x01,
  certificate_in_connection = 0x02,
  certificate_in_session = 0x04,
};

constexpr std::size_t checksum_size = 4;
constexpr std::size_t tls_fixed_size = 5;

unsigned byte_at(mqtt::bytes_view bytes, std::size_t at) noexcept {
  return static_cast<unsigned char>(bytes[at]);
}

std::uint32_t read_integer(mqtt::bytes_view bytes) noexcept {
  std::uint32_t result = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    result = result << 8U | byte_at(bytes, i);
  return result;
}

/// Type and value of the attribute at the front of `rest`; false: cut short.
bool take_attribute(mqtt::bytes_view& rest, unsigned& type,
                    mqtt::bytes_view& value) noexcept {
  if (rest.size() < 3)
    return false;
  const auto size = read_integer(rest.substr(1, 2));
  if (rest.size() - 3 < size)
    return false;
  type = byte_at(rest, 0);
  value = rest.substr(3, size);
  rest.remove_prefix(3 + size);
  return true;
}

class block_reader {
public:
  explicit block_reader(mqtt::bytes_view block) : block_(block) {
    header_.size = block.size();
  }

  mqtt::expected<std::optional<header>, fault> read() {
    const auto command = byte_at(block_, 12);
    if (command != command_local && command != command_proxy)
      return mqtt::unexpected(fault::bad_command);
    // What stands in the block of a LOCAL one says nothing [2.2].
    header_.is_local = command == command_local;
    if (!header_.is_local && !read_block())
      return mqtt::unexpected(fault_);
    return std::move(header_);
  }

private:
  bool fail(fault with) noexcept {
    fault_ = with;
    return false;
  }

  /// Attributes are of the client; without one there is nobody to have them.
  bool read_block() {
    return read_addresses() && (header_.is_local || read_attributes());
  }

  bool read_addresses() {
    rest_ = block_.substr(fixed_size);
    switch (byte_at(block_, 13)) {
      case unspecified:
        header_.is_local = true;
        return true;
      case ipv4_stream:
        return take_addresses(12) && read_ipv4();
      case ipv6_stream:
        return take_addresses(36) && read_ipv6();
      case local_stream:
        return take_addresses(216) && read_path();
      default:
        return fail(fault::bad_family);
    }
  }

  bool take_addresses(std::size_t size) {
    if (rest_.size() < size)
      return fail(fault::bad_block);
    addresses_ = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }

  bool read_ipv4() {
    sockaddr_storage storage{};
    auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
    v4.sin_family = AF_INET;
    std::memcpy(&v4.sin_addr, addresses_.data(), 4);
    std::memcpy(&v4.sin_port, addresses_.data() + 8, 2);
    header_.source = net::to_string(storage);
    return true;
  }

  bool read_ipv6() {
    sockaddr_storage storage{};
    auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
    v6.sin6_family = AF_INET6;
    std::memcpy(&v6.sin6_addr, addresses_.data(), 16);
    std::memcpy(&v6.sin6_port, addresses_.data() + 32, 2);
    header_.source = net::to_string(storage);
    return true;
  }

  /// It ends in logs: what is no plain letter is not shown.
  bool read_path() {
    header_.source = "unix:";
    const auto path = addresses_.substr(0, 108);
    for (const char letter : path.substr(0, path.find('\0')))
      header_.source += letter > ' ' && letter <= '~' ? letter : '?';
    return true;
  }

  bool read_attributes() {
    unsigned type = 0;
    mqtt::bytes_view value;
    bool has_checksum = false;
    while (!rest_.empty()) {
      if (!take_attribute(rest_, type, value))
        return fail(fault::bad_block);
      if (type == checksum && std::exchange(has_checksum, true))
        return fail(fault::bad_text);
      if (!on_attribute(type, value))
        return false;
    }
    return true;
  }

  bool on_attribute(unsigned type, mqtt::bytes_view value) {
    switch (type) {
      case alpn:
        header_.alpn = value;
        return true;
      case authority:
        return store_text(value, header_.authority);
      case checksum:
        return check(value);
      case tls:
        return read_tls(value);
      default:
        return true;
    }
  }

  bool check(mqtt::bytes_view value) {
    if (value.size() != checksum_size)
      return fail(fault::bad_block);
    using crc32c
      = boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true>;
    constexpr char zeros[checksum_size] = {};
    crc32c sum;
    sum.process_block(block_.data(), value.data());
    sum.process_bytes(zeros, checksum_size);
    sum.process_block(value.data() + checksum_size,
                      block_.data() + block_.size());
    return sum.checksum() == read_integer(value) || fail(fault::bad_checksum);
  }

  bool read_tls(mqtt::bytes_view value) {
    if (value.size() < tls_fixed_size)
      return fail(fault::bad_block);
    if (header_.tls)
      return fail(fault::bad_text);
    const auto flags = byte_at(value, 0);
    tls_facts facts;
    facts.has_certificate
      = (flags & (certificate_in_connection | certificate_in_session)) != 0;
    facts.is_verified
      = facts.has_certificate && read_integer(value.substr(1, 4)) == 0;
    auto rest = value.substr(tls_fixed_size);
    unsigned type = 0;
    while (!rest.empty())
      if (!take_attribute(rest, type, value))
        return fail(fault::bad_block);
      else if (!on_tls_attribute(type, value, facts))
        return false;
    if ((flags & over_tls) != 0)
      header_.tls = std::move(facts);
    return true;
  }

  bool on_tls_attribute(unsigned type, mqtt::bytes_view value,
                        tls_facts& facts) {
    switch (type) {
      case tls_version:
        return store_text(value, facts.version);
      case tls_common_name:
        return store_text(value, facts.common_name);
      case tls_cipher:
        return store_text(value, facts.cipher);
      default:
        return true;
    }
  }

  /// Twice is one too many: who reads the last must not differ from who read
  /// the first.
  bool store_text(mqtt::bytes_view value, std::string& into) {
    if (!into.empty() || !mqtt::is_valid_utf8(value))
      return fail(fault::bad_text);
    into = value;
    return true;
  }

  mqtt::bytes_view block_;
  mqtt::bytes_view rest_;
  mqtt::bytes_view addresses_;
  header header_;
  fault fault_{};
};

} // namespace

mqtt::expected<std::optional<header>, fault>
read_version_2(mqtt::bytes_view received) {
  if (received.size() < fixed_size)
    return std::nullopt;
  const auto size = fixed_size + read_integer(received.substr(14, 2));
  if (size > block_size_max)
    return mqtt::unexpected(fault::too_large);
  if (received.size() < size)
    return std::nullopt;
  return block_reader{received.substr(0, size)}.read();
}

} // namespace hetzel::net::proxy
