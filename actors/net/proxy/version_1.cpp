#include "actors/net/proxy/version_1.hpp"

#include "actors/net/socket_address.hpp"

#include <charconv>
#include <cstdint>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace hetzel::net::proxy {

namespace {

mqtt::unexpected<fault> malformed() {
  return mqtt::unexpected(fault::bad_line);
}

/// Up to the next blank, which goes too; all when there is none.
mqtt::bytes_view take_word(mqtt::bytes_view& rest) noexcept {
  const auto end = rest.find(' ');
  const auto word = rest.substr(0, end);
  rest = end == rest.npos ? mqtt::bytes_view{} : rest.substr(end + 1);
  return word;
}

std::optional<std::uint16_t> parse_port(mqtt::bytes_view word) noexcept {
  std::uint16_t port = 0;
  const auto* end = word.data() + word.size();
  const auto outcome = std::from_chars(word.data(), end, port);
  const bool is_padded = word.size() > 1 && word.front() == '0';
  if (outcome.ec != std::errc{} || outcome.ptr != end || is_padded)
    return std::nullopt;
  return port;
}

bool parse_address(int family, mqtt::bytes_view word, void* into) {
  // A NUL within would end the literal early.
  if (word.find('\0') != word.npos)
    return false;
  return ::inet_pton(family, std::string{word}.c_str(), into) == 1;
}

struct endpoint {
  sockaddr_storage storage{};

  bool read(int family, mqtt::bytes_view address, mqtt::bytes_view port) {
    const auto number = parse_port(port);
    storage.ss_family = static_cast<sa_family_t>(family);
    if (!number)
      return false;
    if (family == AF_INET) {
      auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
      v4.sin_port = htons(*number);
      return parse_address(family, address, &v4.sin_addr);
    }
    auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
    v6.sin6_port = htons(*number);
    return parse_address(family, address, &v6.sin6_addr);
  }
};

mqtt::expected<std::optional<header>, fault> read_line(mqtt::bytes_view line) {
  header result;
  result.size = line.size() + 2;
  auto rest = line.substr(version_1_prefix.size());
  const auto kind = take_word(rest);
  if (kind == "UNKNOWN") {
    result.is_local = true;
    return result;
  }
  if (kind != "TCP4" && kind != "TCP6")
    return malformed();
  const int family = kind == "TCP4" ? AF_INET : AF_INET6;
  const auto source = take_word(rest);
  const auto destination = take_word(rest);
  const auto source_port = take_word(rest);
  endpoint from;
  endpoint to;
  // The last word is all that is left, so that a further one is no port.
  if (!from.read(family, source, source_port)
      || !to.read(family, destination, rest))
    return malformed();
  result.source = net::to_string(from.storage);
  return result;
}

} // namespace

mqtt::expected<std::optional<header>, fault>
read_version_1(mqtt::bytes_view received) {
  const auto line = received.substr(0, line_size_max);
  const auto end = line.find('\r');
  if (end == line.npos) {
    if (received.size() >= line_size_max)
      return mqtt::unexpected(fault::too_large);
    return std::nullopt;
  }
  if (end < version_1_prefix.size())
    return malformed();
  if (end + 1 == line_size_max)
    return mqtt::unexpected(fault::too_large);
  if (end + 1 == line.size())
    return std::nullopt;
  if (line[end + 1] != '\n')
    return malformed();
  return read_line(line.substr(0, end));
}

} // namespace hetzel::net::proxy
