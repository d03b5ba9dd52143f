#include "actors/net/websocket/upgrade.hpp"

#include "test/support/websocket_bytes.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

namespace websocket_upgrade_test {

using namespace hetzel;
using net::transport_fault;
using net::websocket::upgrade_options;
using net::websocket::upgrade_outcome;
using net::websocket::upgrade_reader;
using test::replaced;
using test::upgrade_request;

namespace {

upgrade_outcome answer(const std::string& bytes,
                       const upgrade_options& options = {},
                       bool is_proxy_trusted = false) {
  upgrade_reader reader{options, is_proxy_trusted};
  mqtt::bytes_view received = bytes;
  auto outcome = reader.read(received);
  REQUIRE(outcome);
  return std::move(*outcome);
}

unsigned status_of(const std::string& bytes,
                   const upgrade_options& options = {}) {
  const auto outcome = answer(bytes, options);
  CHECK(outcome.response.starts_with("HTTP/1.1 "
                                     + std::to_string(outcome.status) + ' '));
  CHECK((outcome.status == 101) == (outcome.fault == transport_fault::none));
  return outcome.status;
}

/// The good request with a line of it replaced.
std::string with(std::string_view line, std::string_view other) {
  return replaced(upgrade_request(), line, other);
}

std::string header_of(const upgrade_outcome& outcome, const std::string& name) {
  const auto at = outcome.response.find("\r\n" + name + ": ");
  if (at == std::string::npos)
    return {};
  const auto start = at + name.size() + 4;
  return outcome.response.substr(start,
                                 outcome.response.find("\r\n", start) - start);
}

upgrade_options forwarded() {
  upgrade_options options;
  options.is_forwarded = true;
  options.trusted = *net::parse_network_list("10.0.0.0/8");
  options.takes_common_name = true;
  return options;
}

} // namespace

TEST_CASE("a good request is answered with 101, its key and MQTT's "
          "sub-protocol (RFC 6455, 4.2.2) [MQTT-6.0.0-4]") {
  CHECK(answer(upgrade_request()).response
        == "HTTP/1.1 101 Switching Protocols\r\n"
           "Upgrade: websocket\r\n"
           "Connection: Upgrade\r\n"
           "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
           "Sec-WebSocket-Protocol: mqtt\r\n"
           "\r\n");
}

TEST_CASE("a request may come in any pieces, and what follows it stays") {
  const auto request = upgrade_request("X-Other: 1\r\n");
  const auto bytes = request + "frames";
  const upgrade_options options;
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    CAPTURE(cut);
    upgrade_reader reader{options, false};
    mqtt::bytes_view received{bytes.data(), cut};
    REQUIRE_FALSE(reader.read(received));
    CHECK(received.empty());
    received = mqtt::bytes_view{bytes}.substr(cut);
    const auto outcome = reader.read(received);
    REQUIRE(outcome);
    CHECK(outcome->status == 101);
    CHECK(received == "frames");
  }
  upgrade_reader slow{options, false};
  for (std::size_t i = 0; i < request.size(); ++i) {
    mqtt::bytes_view received{&bytes[i], 1};
    CHECK(slow.read(received).has_value() == (i + 1 == request.size()));
  }
}

TEST_CASE("names of headers and their words are the same in any case, in any "
          "place of a list") {
  CHECK(status_of(with("Upgrade: websocket", "UPGRADE: h2c, WebSocket"))
        == 101);
  CHECK(status_of(with("Connection: Upgrade", "connection: keep-alive,upgrade"))
        == 101);
  CHECK(status_of(with("Connection: Upgrade",
                       "Connection: keep-alive\r\nConnection: Upgrade"))
        == 101);
}

TEST_CASE("of the sub-protocols offered the first of MQTT's is chosen") {
  const auto chosen = [](const char* offered) {
    return header_of(answer(with("Sec-WebSocket-Protocol: mqtt", offered)),
                     "Sec-WebSocket-Protocol");
  };
  CHECK(chosen("Sec-WebSocket-Protocol: mqttv3.1") == "mqttv3.1");
  CHECK(chosen("Sec-WebSocket-Protocol: chat, mqttv3.1, mqtt") == "mqttv3.1");
  CHECK(chosen("Sec-WebSocket-Protocol: mqtt, mqttv3.1") == "mqtt");
  CHECK(chosen("Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: mqtt")
        == "mqtt");
}

TEST_CASE("who offers no sub-protocol of MQTT is refused [MQTT-6.0.0-3]") {
  CHECK(status_of(with("Sec-WebSocket-Protocol: mqtt\r\n", "")) == 400);
  CHECK(status_of(with("Protocol: mqtt", "Protocol: chat")) == 400);
  CHECK(status_of(with("Protocol: mqtt", "Protocol: MQTT")) == 400);
}

TEST_CASE("a request that is no upgrade is answered with 426 and what is "
          "missing") {
  const auto plain = answer(with("Upgrade: websocket\r\n", ""));
  CHECK(plain.status == 426);
  CHECK(header_of(plain, "Upgrade") == "websocket");
  CHECK(header_of(plain, "Connection") == "close");
  CHECK(status_of(with("Upgrade: websocket", "Upgrade: h2c")) == 426);
  CHECK(status_of(with("Connection: Upgrade", "Connection: close")) == 426);
  const auto old = answer(with("Version: 13", "Version: 8"));
  CHECK(old.status == 426);
  CHECK(header_of(old, "Sec-WebSocket-Version") == "13");
  CHECK(status_of(with("Sec-WebSocket-Version: 13\r\n", "")) == 426);
}

TEST_CASE("another path is 404, another method 405 and says which") {
  CHECK(status_of(with("/mqtt", "/")) == 404);
  CHECK(status_of(with("/mqtt", "/mqtt/")) == 404);
  CHECK(status_of(with("/mqtt", "http://broker.example/mqtt")) == 404);
  CHECK(status_of(with("/mqtt", "/mqtt?user=x")) == 101);
  const auto post = answer(with("GET", "POST"));
  CHECK(post.status == 405);
  CHECK(header_of(post, "Allow") == "GET");
  upgrade_options options;
  options.paths = {"/a", "/b"};
  CHECK(status_of(with("/mqtt", "/b"), options) == 101);
  CHECK(status_of(upgrade_request(), options) == 404);
}

TEST_CASE("a request that is not as HTTP and RFC 6455 want it is 400") {
  for (const auto& wrong :
       {with("HTTP/1.1", "HTTP/1.0"), with("HTTP/1.1", "HTTP/2.0"),
        with("GET /mqtt HTTP/1.1", "GET /mqtt"), with("GET ", "GET"),
        with("Host: broker.example\r\n", ""),
        with("Host: broker.example", "Host: a\r\nHost: b"),
        with("Host: broker.example", "Host broker.example"),
        with("Host: broker.example", " Host: broker.example"),
        with("Host:", "H\x01st:"),
        with("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""),
        with("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ"),
        with("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub2*jZQ=="),
        with("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQo="),
        upgrade_request("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
        upgrade_request("Content-Length: 5\r\n"),
        upgrade_request("Content-Length: x\r\n"),
        upgrade_request("Transfer-Encoding: chunked\r\n")}) {
    CAPTURE(wrong);
    CHECK(status_of(wrong) == 400);
  }
}

TEST_CASE("bytes that are no HTTP are refused by the first") {
  for (const char* first : {"\x10", "\x16", "\r", " ", "g", "{"}) {
    CAPTURE(first);
    const auto outcome = answer(first);
    CHECK(outcome.status == 400);
    CHECK(outcome.fault == transport_fault::foreign);
  }
}

TEST_CASE("a request line has a limit, whole or endless") {
  upgrade_options options;
  options.request_line_max = 200;
  const auto line_of = [](std::size_t size) {
    const std::string ends = "GET /mqtt? HTTP/1.1";
    return "/mqtt?" + std::string(size - ends.size(), 'x');
  };
  CHECK(status_of(with("/mqtt", line_of(200)), options) == 101);
  CHECK(status_of(with("/mqtt", line_of(201)), options) == 414);
  CHECK(status_of("GET /" + std::string(197, 'x'), options) == 414);
  upgrade_reader reader{options, false};
  const auto whole = "GET /" + std::string(195, 'x');
  mqtt::bytes_view received = whole;
  CHECK_FALSE(reader.read(received));
}

TEST_CASE("headers have a limit: each value, their number, and all together") {
  upgrade_options options;
  options.header_value_max = 100;
  const auto value_of = [](std::size_t size) {
    return upgrade_request("X-Large: " + std::string(size, 'x') + "\r\n");
  };
  CHECK(status_of(value_of(100), options) == 101);
  const auto refused = answer(value_of(101), options);
  CHECK(refused.status == 431);
  CHECK(refused.fault == transport_fault::limit);
  std::string lines;
  for (int i = 0; i < 100; ++i)
    lines += "X: 1\r\n";
  CHECK(status_of(upgrade_request(lines)) == 431);
  options.request_line_max = 1'000;
  std::string endless = "GET /mqtt HTTP/1.1\r\n";
  while (endless.size() < 1'800)
    endless += "X: 1\r\n";
  CHECK(status_of(endless, options) == 431);
}

TEST_CASE("a page's origin must be one of those that are allowed, if any are") {
  upgrade_options options;
  const auto from = [](const char* origin) {
    return upgrade_request("Origin: " + std::string{origin} + "\r\n");
  };
  CHECK(status_of(from("https://evil.example"), options) == 101);
  options.allowed_origins = {"https://app.example", "https://app.example:8443"};
  CHECK(status_of(from("https://app.example"), options) == 101);
  CHECK(status_of(from("HTTPS://APP.example:8443"), options) == 101);
  CHECK(status_of(from("https://app.example.evil.example"), options) == 403);
  CHECK(status_of(from("http://app.example"), options) == 403);
  CHECK(status_of(from("null"), options) == 403);
  CHECK(status_of(upgrade_request("Origin: https://app.example\r\n"
                                  "Origin: https://evil.example\r\n"),
                  options)
        == 403);
  // No page.
  CHECK(status_of(upgrade_request(), options) == 101);
}

TEST_CASE("permessage-deflate is agreed on when it is on and offered in a way "
          "that we can fulfil (RFC 7692, 7.1)") {
  upgrade_options options;
  options.is_compression_on = true;
  const auto offer = [&](const std::string& text) {
    const auto outcome = answer(
      upgrade_request("Sec-WebSocket-Extensions: " + text + "\r\n"), options);
    CHECK(outcome.status == 101);
    const auto agreed = header_of(outcome, "Sec-WebSocket-Extensions");
    CHECK(agreed.empty() == (outcome.window_bits == 0));
    return agreed;
  };
  const std::string agreed
    = "permessage-deflate; server_no_context_takeover; "
      "client_no_context_takeover";
  CHECK(offer("permessage-deflate") == agreed);
  CHECK(offer("permessage-deflate; client_max_window_bits") == agreed);
  CHECK(offer("permessage-deflate; client_max_window_bits=\"8\"") == agreed);
  CHECK(offer("permessage-deflate; client_max_window_bits=10; "
              "client_no_context_takeover; server_no_context_takeover")
        == agreed);
  CHECK(offer("permessage-deflate; server_max_window_bits=10")
        == agreed + "; server_max_window_bits=10");
  CHECK(offer("x-other, permessage-deflate; server_max_window_bits=8, "
              "permessage-deflate")
        == agreed);
  for (const char* wrong :
       {"x-webkit-deflate-frame", "permessage-deflate; unknown",
        "permessage-deflate; unknown, x-other", "permessage-deflate; ;",
        "permessage-deflate; client_max_window_bits=",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=09",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; server_max_window_bits=10; "
        "server_max_window_bits=11"}) {
    CAPTURE(wrong);
    CHECK(offer(wrong).empty());
  }
  options.is_compression_on = false;
  CHECK(offer("permessage-deflate").empty());
}

TEST_CASE("a trusted proxy names the client and its certificate") {
  const auto options = forwarded();
  const auto outcome
    = answer(upgrade_request("X-Forwarded-For: 198.51.100.1\r\n"
                             "x-forwarded-for: 203.0.113.9, 10.0.0.1\r\n"
                             "X-SSL-Client-CN: meter-7\r\n"),
             options, true);
  CHECK(outcome.status == 101);
  CHECK(outcome.address == "203.0.113.9:0");
  CHECK(outcome.common_name == "meter-7");
  const auto silent = answer(upgrade_request(), options, true);
  CHECK(silent.status == 101);
  CHECK(silent.address.empty());
  CHECK(silent.common_name.empty());
}

TEST_CASE("where clients come through proxies, who is none that is trusted is "
          "refused with 403") {
  for (const char* lines : {"", "X-Forwarded-For: 203.0.113.9\r\n"}) {
    const auto outcome = answer(upgrade_request(lines), forwarded(), false);
    CHECK(outcome.status == 403);
    CHECK(outcome.fault == transport_fault::untrusted_proxy);
  }
}

TEST_CASE("what a proxy says is nothing where none is expected") {
  const auto outcome = answer(upgrade_request("X-Forwarded-For: 203.0.113.9\r\n"
                                              "X-SSL-Client-CN: root\r\n"),
                              {}, true);
  CHECK(outcome.status == 101);
  CHECK(outcome.address.empty());
  CHECK(outcome.common_name.empty());
  auto options = forwarded();
  options.takes_common_name = false;
  CHECK(answer(upgrade_request("X-SSL-Client-CN: root\r\n"), options, true)
          .common_name.empty());
}

TEST_CASE("a proxy's headers that are malformed, or name two, are 400") {
  for (const char* lines : {"X-Forwarded-For: somebody\r\n",
                            "X-SSL-Client-CN: a\r\nX-SSL-Client-CN: b\r\n",
                            "X-SSL-Client-CN: \xFF\r\n"}) {
    CAPTURE(lines);
    CHECK(answer(upgrade_request(lines), forwarded(), true).status == 400);
  }
}

} // namespace websocket_upgrade_test
