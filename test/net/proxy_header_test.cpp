#include "actors/net/proxy/header.hpp"

#include "test/support/hex.hpp"
#include "test/support/proxy_bytes.hpp"

#include <doctest/doctest.h>

#include <string>

namespace proxy_header_test {

using namespace hetzel;
using namespace std::string_literals;
using net::proxy::fault;
using net::proxy::header;
using net::proxy::read_header;
using test::proxy_attribute;
using test::proxy_block;
using test::proxy_tls_attribute;

namespace {

/// The header of `bytes`, which must be one; every shorter beginning of it must
/// ask for more.
header whole(const std::string& bytes) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    const auto read = read_header(bytes.substr(0, size));
    REQUIRE(read);
    REQUIRE_FALSE(*read);
  }
  // What follows is the client's, whatever it is.
  const auto read = read_header(bytes + "\x10\r\nPROXY ");
  REQUIRE(read);
  REQUIRE(*read);
  CHECK((*read)->size == bytes.size());
  return **read;
}

fault fault_of(const std::string& bytes) {
  const auto read = read_header(bytes);
  REQUIRE_FALSE(read);
  return read.error();
}

/// The fault shows only when `bytes` are whole.
fault fault_at_end(const std::string& bytes) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    REQUIRE(read_header(bytes.substr(0, size)));
  }
  return fault_of(bytes);
}

} // namespace

// -- version 1 ----------------------------------------------------------------

TEST_CASE("version 1 names the client's address and port") {
  CHECK(whole("PROXY TCP4 192.0.2.1 198.51.100.7 4660 1883\r\n").source
        == "192.0.2.1:4660");
  CHECK(whole("PROXY TCP6 2001:db8::1 2001:db8::2 65535 0\r\n").source
        == "[2001:db8::1]:65535");
}

TEST_CASE("the longest line of version 1 is one of 107 bytes") {
  const auto longest
    = "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n"s;
  CHECK(whole(longest).is_local);
  const auto line_of = [](std::size_t size) {
    auto line = "PROXY UNKNOWN "s;
    return line.append(size - line.size() - 2, 'x') + "\r\n";
  };
  CHECK(whole(line_of(net::proxy::line_size_max)).is_local);
  CHECK(fault_of(line_of(net::proxy::line_size_max + 1)) == fault::too_large);
  CHECK(fault_of(line_of(net::proxy::line_size_max + 2)) == fault::too_large);
  CHECK(fault_of("PROXY UNKNOWN " + std::string(200, 'x')) == fault::too_large);
}

TEST_CASE("a proxy of version 1 that does not say for whom speaks for itself") {
  const auto read = whole("PROXY UNKNOWN\r\n");
  CHECK(read.is_local);
  CHECK(read.source.empty());
}

TEST_CASE("a line of version 1 that is not exactly as it must be is refused") {
  for (const auto& wrong :
       {"PROXY TCP4 192.0.2.1 198.51.100.7 4660\r\n"s,
        "PROXY TCP4 192.0.2.1 198.51.100.7 4660 1883 \r\n"s,
        "PROXY TCP4 192.0.2.1 198.51.100.7 4660 1883 7\r\n"s,
        "PROXY TCP4  192.0.2.1 198.51.100.7 4660 1883\r\n"s,
        "PROXY TCP4 192.0.2.1 198.51.100.7 04660 1883\r\n"s,
        "PROXY TCP4 192.0.2.1 198.51.100.7 65536 1883\r\n"s,
        "PROXY TCP4 192.0.2.1 198.51.100.7 -1 1883\r\n"s,
        "PROXY TCP4 192.0.2.1 198.51.100.7 +1 1883\r\n"s,
        "PROXY TCP4 192.0.2.1 198.51.100.7 4660 18 83\r\n"s,
        "PROXY TCP4 192.0.2.1 198.51.100.7 4660 mqtt\r\n"s,
        "PROXY TCP4 192.0.2.256 198.51.100.7 4660 1883\r\n"s,
        "PROXY TCP4 192.0.2.1\0 198.51.100.7 4660 1883\r\n"s,
        "PROXY TCP4 2001:db8::1 2001:db8::2 4660 1883\r\n"s,
        "PROXY TCP6 192.0.2.1 198.51.100.7 4660 1883\r\n"s,
        "PROXY TCP6 2001:db8::1 elsewhere 4660 1883\r\n"s,
        "PROXY UDP4 192.0.2.1 198.51.100.7 4660 1883\r\n"s,
        "PROXY tcp4 192.0.2.1 198.51.100.7 4660 1883\r\n"s,
        "PROXY TCP4 192.0.2.1 198.51.100.7 4660 1883\rX"s,
        "PROXY \r\n"s}) {
    CAPTURE(wrong);
    CHECK(fault_of(wrong) == fault::bad_line);
  }
}

// -- neither ------------------------------------------------------------------

TEST_CASE("bytes that are no header are refused at the first that is wrong") {
  CHECK(fault_at_end("X") == fault::not_a_header);
  CHECK(fault_at_end("PROXz") == fault::not_a_header);
  CHECK(fault_at_end("PROXY\r") == fault::not_a_header);
  CHECK(fault_at_end("p") == fault::not_a_header);
  CHECK(fault_at_end("\r\n\r\nX") == fault::not_a_header);
  CHECK(fault_of(test::hex("10 0c 0004 'MQTT' 04 02 003c 0000"))
        == fault::not_a_header);
}

// -- version 2 ----------------------------------------------------------------

TEST_CASE("version 2 names the client's address and port") {
  CHECK(whole(proxy_block{}.bytes()).source == "192.0.2.1:4660");
  CHECK(whole(proxy_block{.family = 0x21,
                          .addresses = proxy_block::ipv6_addresses()}
                .bytes())
          .source
        == "[2001:db8::1]:4660");
}

TEST_CASE("a client that came to the proxy through a local socket is named by "
          "its path, of which only what can be shown is shown") {
  auto path = "/run/a b\x1B\x80\0rest"s;
  path.resize(216);
  CHECK(whole(proxy_block{.family = 0x31, .addresses = path}.bytes()).source
        == "unix:/run/a?b??");
  CHECK(whole(proxy_block{.family = 0x31, .addresses = std::string(216, 'x')}
                .bytes())
          .source
        == "unix:" + std::string(108, 'x'));
}

TEST_CASE("a proxy of version 2 may speak for itself, whatever it adds") {
  for (const auto& own : {proxy_block{.command = 0x20},
                          proxy_block{.command = 0x20,
                                      .family = 0x77,
                                      .addresses = "junk"},
                          proxy_block{.command = 0x20,
                                      .family = 0,
                                      .addresses = {}},
                          proxy_block{.family = 0, .addresses = "junk"}}) {
    const auto read = whole(own.bytes());
    CHECK(read.is_local);
    CHECK(read.source.empty());
    CHECK_FALSE(read.tls);
  }
}

TEST_CASE("unknown versions, commands, families and datagrams are refused") {
  CHECK(fault_of(proxy_block{.command = 0x22}.bytes()) == fault::bad_command);
  CHECK(fault_of(proxy_block{.command = 0x31}.bytes()) == fault::bad_command);
  CHECK(fault_of(proxy_block{.command = 0x11}.bytes()) == fault::bad_command);
  for (const unsigned family : {0x01U, 0x10U, 0x12U, 0x13U, 0x20U, 0x22U,
                                0x30U, 0x32U, 0x41U, 0xFFU}) {
    CAPTURE(family);
    CHECK(fault_of(proxy_block{.family = family,
                               .addresses = std::string(216, 'x')}
                     .bytes())
          == fault::bad_family);
  }
}

TEST_CASE("a block that is too short for its addresses is refused") {
  auto block = proxy_block{};
  block.addresses.pop_back();
  CHECK(fault_at_end(block.bytes()) == fault::bad_block);
  block = {.family = 0x21, .addresses = std::string(35, 'x')};
  CHECK(fault_at_end(block.bytes()) == fault::bad_block);
  block = {.family = 0x31, .addresses = std::string(215, 'x')};
  CHECK(fault_at_end(block.bytes()) == fault::bad_block);
}

TEST_CASE("a block is as large as 4,096 bytes, and a larger one refused by "
          "what it announces") {
  proxy_block block;
  const auto filler = [&](std::size_t total) {
    return proxy_attribute(0x04, std::string(total - 16 - 12 - 3, 'x'));
  };
  block.attributes = filler(net::proxy::block_size_max);
  CHECK(whole(block.bytes()).source == "192.0.2.1:4660");
  block.attributes = filler(net::proxy::block_size_max + 1);
  CHECK(fault_at_end(block.bytes().substr(0, 16)) == fault::too_large);
}

TEST_CASE("version 2 tells the client's TLS connection and certificate") {
  proxy_block block;
  block.attributes = proxy_attribute(0x01, "mqtt")
                     + proxy_attribute(0x02, "broker.example")
                     + proxy_attribute(0xEE, "of somebody else")
                     + proxy_attribute(0x20, proxy_tls_attribute{}.value());
  const auto read = whole(block.checked_bytes());
  CHECK(read.alpn == "mqtt");
  CHECK(read.authority == "broker.example");
  REQUIRE(read.tls);
  CHECK(read.tls->version == "TLSv1.3");
  CHECK(read.tls->cipher == "TLS_AES_256_GCM_SHA384");
  CHECK(read.tls->common_name == "meter-7");
  CHECK(read.tls->has_certificate);
  CHECK(read.tls->is_verified);
}

TEST_CASE("a certificate counts as verified only if there is one and its check "
          "was good") {
  const auto facts = [](unsigned flags, unsigned verify) {
    proxy_block block;
    block.attributes = proxy_attribute(
      0x20, proxy_tls_attribute{.flags = flags, .verify = verify}.value());
    return whole(block.bytes()).tls;
  };
  CHECK(facts(0x03, 0)->is_verified);
  CHECK(facts(0x05, 0)->is_verified);
  CHECK_FALSE(facts(0x03, 1)->is_verified);
  CHECK_FALSE(facts(0x07, 0x100)->is_verified);
  CHECK_FALSE(facts(0x01, 0)->is_verified);
  CHECK_FALSE(facts(0x01, 0)->has_certificate);
  // Not over TLS at all.
  CHECK_FALSE(facts(0x06, 0));
}

TEST_CASE("a checksum is verified when there is one, wherever it stands") {
  const proxy_block block;
  CHECK(whole(block.checked_bytes()).source == "192.0.2.1:4660");
  CHECK(fault_at_end(block.checked_bytes(1)) == fault::bad_checksum);
  auto first = proxy_block{};
  first.attributes = proxy_attribute(0x03, std::string(4, '\0'));
  // Zeros are a checksum too, and not the right one.
  CHECK(fault_at_end(first.bytes()) == fault::bad_checksum);
  for (std::size_t at = 16; at < block.checked_bytes().size() - 7; ++at) {
    CAPTURE(at);
    auto changed = block.checked_bytes();
    changed[at] ^= 0x10;
    CHECK(fault_of(changed) == fault::bad_checksum);
  }
}

TEST_CASE("attributes that are cut short are refused") {
  proxy_block block;
  for (const auto& wrong :
       {"\x01"s, "\x01\0"s, "\x01\0\x01"s, "\x01\xFF\xFFx"s,
        proxy_attribute(0x03, "abc"), proxy_attribute(0x03, "abcde"),
        proxy_attribute(0x20, "\x01\0\0\0"s),
        proxy_attribute(0x20, "\x01\0\0\0\0\x22\0"s),
        proxy_attribute(0x20, "\x01\0\0\0\0\x22\0\x05name"s)}) {
    CAPTURE(test::to_hex(wrong));
    block.attributes = wrong;
    CHECK(fault_at_end(block.bytes()) == fault::bad_block);
  }
}

TEST_CASE("names that are no UTF-8, or come twice, are refused") {
  proxy_block block;
  const auto tls = proxy_attribute(0x20, proxy_tls_attribute{}.value());
  const auto twice = "\x01\0\0\0\0"s + proxy_attribute(0x22, "a")
                     + proxy_attribute(0x22, "b");
  const auto sum = proxy_attribute(0x03, std::string(4, '\0'));
  for (const auto& wrong :
       {proxy_attribute(0x02, "a\xFF"), proxy_attribute(0x02, "a\0b"s),
        proxy_attribute(0x20,
                        proxy_tls_attribute{.common_name = "\xC0\x80"}.value()),
        proxy_attribute(0x20, twice), tls + tls}) {
    block.attributes = wrong;
    CHECK(fault_at_end(block.bytes()) == fault::bad_text);
  }
  // A second checksum would have to be right for the header with the first.
  block.attributes = sum;
  const auto checked = block.checked_bytes();
  CHECK(fault_at_end(checked) != fault{});
}

TEST_CASE("every fault has its sentence") {
  for (auto of = fault::not_a_header; of <= fault::too_large;
       of = static_cast<fault>(static_cast<int>(of) + 1))
    CHECK(to_string(of) != "?"s);
}

} // namespace proxy_header_test
