#include "actors/net/websocket/upgrade_answer.hpp"

#include "actors/net/websocket/deflate_offer.hpp"

#include <openssl/evp.h>

#include <array>

namespace hetzel::net::websocket {

namespace {

/// RFC 6455, 1.3.
constexpr mqtt::bytes_view accept_suffix{
  "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"};

std::string accept_key(mqtt::bytes_view key) {
  const auto text = std::string(key).append(accept_suffix);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  ::EVP_Digest(text.data(), text.size(), digest.data(), &size, ::EVP_sha1(),
               nullptr);
  // Four letters for three bytes, and a NUL.
  std::array<unsigned char, EVP_MAX_MD_SIZE * 2> letters{};
  const auto count = ::EVP_EncodeBlock(letters.data(), digest.data(),
                                       static_cast<int>(size));
  return {letters.begin(), letters.begin() + count};
}

} // namespace

namespace refusals {

constexpr refusal foreign{400, "Bad Request", transport_fault::foreign,
                          "this is no HTTP request"};
constexpr refusal malformed{400, "Bad Request", transport_fault::malformed,
                            "the HTTP request is malformed"};
constexpr refusal wrong_key{400, "Bad Request", transport_fault::malformed,
                            "Sec-WebSocket-Key must be 16 bytes in base64"};
constexpr refusal no_protocol{400, "Bad Request",
                              transport_fault::no_common,
                              "Sec-WebSocket-Protocol must offer mqtt"};
constexpr refusal wrong_forwarding{400, "Bad Request",
                                   transport_fault::malformed,
                                   "the proxy's headers are malformed"};
constexpr refusal wrong_origin{403, "Forbidden", transport_fault::no_common,
                               "this origin is not allowed"};
constexpr refusal untrusted_proxy{403, "Forbidden",
                                  transport_fault::untrusted_proxy,
                                  "the sender is no trusted proxy"};
constexpr refusal unknown_path{404, "Not Found", transport_fault::no_common,
                               "there is nothing at this path"};
constexpr refusal wrong_method{405, "Method Not Allowed",
                               transport_fault::no_common,
                               "a WebSocket begins with GET", "Allow: GET\r\n"};
constexpr refusal line_too_long{414, "URI Too Long", transport_fault::limit,
                                "the request line is too long"};
constexpr refusal no_upgrade{426, "Upgrade Required",
                             transport_fault::no_common,
                             "this is a WebSocket",
                             "Upgrade: websocket\r\n"};
constexpr refusal wrong_version{426, "Upgrade Required",
                                transport_fault::no_common,
                                "the version of WebSocket is 13",
                                "Upgrade: websocket\r\n"
                                "Sec-WebSocket-Version: 13\r\n"};
constexpr refusal header_too_large{431, "Request Header Fields Too Large",
                                   transport_fault::limit,
                                   "the HTTP header is too large"};

} // namespace refusals

upgrade_outcome refuse(const refusal& how) {
  upgrade_outcome outcome;
  outcome.status = how.status;
  outcome.fault = how.fault;
  outcome.failure = how.sentence;
  const auto body = std::string(how.sentence) + '\n';
  outcome.response = "HTTP/1.1 " + std::to_string(how.status) + ' ' + how.phrase
                     + "\r\nConnection: close\r\n" + how.lines
                     + "Content-Type: text/plain\r\nContent-Length: "
                     + std::to_string(body.size()) + "\r\n\r\n" + body;
  return outcome;
}

std::string accept(mqtt::bytes_view key, mqtt::bytes_view protocol,
                   int window_bits) {
  auto answer = "HTTP/1.1 101 Switching Protocols\r\n"
                "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Accept: "
                + accept_key(key) + "\r\nSec-WebSocket-Protocol: "
                + std::string(protocol) + "\r\n";
  if (window_bits > 0) {
    answer += "Sec-WebSocket-Extensions: permessage-deflate; "
              "server_no_context_takeover; client_no_context_takeover";
    if (window_bits < deflate_window_bits_max)
      answer += "; server_max_window_bits=" + std::to_string(window_bits);
    answer += "\r\n";
  }
  return answer + "\r\n";
}

} // namespace hetzel::net::websocket
