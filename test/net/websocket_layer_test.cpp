#include "actors/net/websocket/layer.hpp"

#include "test/support/net_peer.hpp"
#include "test/support/websocket_bytes.hpp"

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>

namespace websocket_layer_test {

using namespace hetzel;
using net::peer_identity;
using net::transport_fault;
using net::transport_layer;
using net::websocket::inflater;
using net::websocket::layer;
using net::websocket::layer_options;
using net::websocket::opcode;
using test::client_frame;
using test::client_message;
using test::server_frame;
using test::upgrade_request;

namespace {

constexpr auto open = transport_layer::status::open;
constexpr auto ended = transport_layer::status::ended;
constexpr auto failed = transport_layer::status::failed;

struct porch {
  explicit porch(layer_options options = {}, bool is_proxy_trusted = false)
    : door(std::make_shared<const layer_options>(std::move(options)),
           is_proxy_trusted) {}

  transport_layer::status receive(const std::string& bytes) {
    return door.receive(bytes, up, down);
  }

  /// Through the upgrade.
  void enter(const char* lines = "") {
    REQUIRE(receive(upgrade_request(lines)) == open);
    REQUIRE(door.is_established());
    taken();
  }

  /// What is sent to the client, once.
  std::string taken() {
    std::array<mqtt::bytes_view, 64> parts;
    std::string all;
    for (std::size_t i = 0, used = down.gather(parts); i < used; ++i)
      all += parts[i];
    down.clear();
    return all;
  }

  std::vector<server_frame> frames() {
    const auto bytes = taken();
    std::string_view rest = bytes;
    auto result = test::take_server_frames(rest);
    CHECK(rest.empty());
    return result;
  }

  layer door;
  std::string up;
  mqtt::output_buffer down;
};

std::string close_frame(std::string_view payload) {
  return client_frame{.kind = opcode::close}.with(payload);
}

mqtt::message_ptr large_message() {
  const auto payload = test::letters(mqtt::output_buffer::shared_min_bytes);
  mqtt::message_fields fields;
  fields.payload = payload;
  return mqtt::message::make(fields);
}

} // namespace

TEST_CASE("behind the upgrade come MQTT's bytes, even in the same segment") {
  porch p;
  CHECK(p.receive(upgrade_request() + client_message("CONNECT", {3})) == open);
  CHECK(p.door.is_established());
  CHECK(p.up == "CONNECT");
  CHECK(p.taken().starts_with("HTTP/1.1 101 "));
}

TEST_CASE("a refused upgrade is answered in HTTP, and nothing follows") {
  porch p;
  CHECK(p.receive(test::replaced(upgrade_request(), "/mqtt", "/admin")
                  + client_message("CONNECT", {3}))
        == failed);
  CHECK_FALSE(p.door.is_established());
  CHECK(p.door.fault() == transport_fault::no_common);
  CHECK(std::string{p.door.failure()} == "there is nothing at this path");
  CHECK(p.taken().starts_with("HTTP/1.1 404 Not Found\r\n"));
  CHECK(p.up.empty());
}

TEST_CASE("nothing is sent before the upgrade, and no frame for nothing") {
  porch p;
  mqtt::output_buffer output;
  output.tail() = "early";
  p.door.send(output, p.down, 100);
  CHECK(p.down.empty());
  CHECK(output.size() == 5);
  p.enter();
  output.clear();
  p.door.send(output, p.down, 100);
  CHECK(p.down.empty());
}

TEST_CASE("what is sent together is one binary message, at most as large as "
          "the write") {
  porch p;
  p.enter();
  mqtt::output_buffer output;
  output.tail() = "two packets";
  p.door.send(output, p.down, 100);
  CHECK(p.frames() == std::vector<server_frame>{{0x82, "two packets"}});
  output.tail() = test::letters(300);
  p.door.send(output, p.down, 200);
  p.door.send(output, p.down, 200);
  const auto frames = p.frames();
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].payload.size() == 200);
  CHECK(frames[0].payload + frames[1].payload == test::letters(300));
  CHECK(output.empty());
}

TEST_CASE("a large payload is not copied into its frame") {
  porch p;
  p.enter();
  const auto message = large_message();
  mqtt::output_buffer output;
  output.tail() = "header";
  output.append(message, message->payload());
  output.tail() += "next";
  p.door.send(output, p.down, 1 << 20);
  std::array<mqtt::bytes_view, 8> parts;
  REQUIRE(p.down.gather(parts) == 3);
  CHECK(parts[1].data() == message->payload().data());
  CHECK(p.frames()
        == std::vector<server_frame>{
          {0x82, "header" + std::string{message->payload()} + "next"}});
}

TEST_CASE("each ping is answered with its payload (RFC 6455, 5.5.3)") {
  porch p;
  p.enter();
  const auto ping = [](const char* text) {
    return client_frame{.kind = opcode::ping}.with(text);
  };
  CHECK(p.receive(ping("a") + client_message("x", {1}) + ping("")) == open);
  CHECK(p.up == "x");
  CHECK(p.frames() == std::vector<server_frame>{{0x8A, "a"}, {0x8A, ""}});
}

TEST_CASE("a close is answered with its code, and what came before it counts "
          "(RFC 6455, 5.5.1)") {
  porch p;
  p.enter();
  CHECK(p.receive(client_message("DISCONNECT", {99})
                  + close_frame("\x0B\xB8reason"))
        == ended);
  CHECK(p.up == "DISCONNECT");
  CHECK(p.frames() == std::vector<server_frame>{{0x88, "\x0B\xB8"}});
  porch silent;
  silent.enter();
  CHECK(silent.receive(close_frame("")) == ended);
  CHECK(silent.frames() == std::vector<server_frame>{{0x88, ""}});
}

TEST_CASE("what is malformed is answered with a close that says why") {
  const struct {
    std::string bytes;
    std::string code;
    transport_fault fault;
  } cases[] = {
    {client_frame{.kind = opcode::text}.with("x"), "\x03\xEB",
     transport_fault::malformed},
    {client_frame{.is_masked = false}.with("x"), "\x03\xEA",
     transport_fault::malformed},
    {client_frame{}.with(std::string(101, 'x')), "\x03\xF1",
     transport_fault::limit},
    {close_frame("\x03"), "\x03\xEA", transport_fault::malformed},
    {close_frame("\x03\xEE"), "\x03\xEA", transport_fault::malformed},
    {close_frame("\x03\xE8\xFF"), "\x03\xEF", transport_fault::malformed},
  };
  for (const auto& one : cases) {
    layer_options options;
    options.frames.size_max = 100;
    porch p{options};
    p.enter();
    CHECK(p.receive(client_message("fine", {2}) + one.bytes) == failed);
    CHECK(p.up == "fine");
    CHECK(p.door.fault() == one.fault);
    CHECK(std::string{p.door.failure()} != "");
    CHECK(p.frames() == std::vector<server_frame>{{0x88, one.code}});
  }
}

TEST_CASE("who ends an established connection says 1000, before that nothing") {
  porch p;
  p.door.close(p.down);
  CHECK(p.down.empty());
  p.enter();
  p.door.close(p.down);
  CHECK(p.frames() == std::vector<server_frame>{{0x88, "\x03\xE8"}});
}

TEST_CASE("a trusted proxy's words say who the client is") {
  layer_options options;
  options.upgrade.is_forwarded = true;
  options.upgrade.trusted = *net::parse_network_list("10.0.0.0/8");
  options.upgrade.takes_common_name = true;
  porch p{options, true};
  p.enter("X-Forwarded-For: 203.0.113.9\r\nX-SSL-Client-CN: meter-7\r\n");
  peer_identity who;
  p.door.describe(who);
  CHECK(who.address == "203.0.113.9:0");
  CHECK(who.common_name == "meter-7");
  CHECK(who.user_name == "meter-7");
  porch silent{options, true};
  silent.enter();
  peer_identity nobody;
  nobody.address = "socket";
  silent.door.describe(nobody);
  CHECK(nobody.address == "socket");
  CHECK_FALSE(nobody.user_name);
}

TEST_CASE("with permessage-deflate what shrinks is sent compressed, what does "
          "not as it is") {
  layer_options options;
  options.upgrade.is_compression_on = true;
  porch p{options};
  p.enter("Sec-WebSocket-Extensions: permessage-deflate\r\n");
  mqtt::output_buffer output;
  output.tail() = test::letters(5'000);
  p.door.send(output, p.down, 1 << 20);
  CHECK(output.empty());
  const auto frames = p.frames();
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].first_byte == 0xC2);
  CHECK(frames[0].payload.size() < 500);
  inflater reader;
  std::string content;
  REQUIRE(reader.write(frames[0].payload, content, 1 << 20)
          == inflater::outcome::done);
  REQUIRE(reader.finish(content, 1 << 20) == inflater::outcome::done);
  CHECK(content == test::letters(5'000));
  output.tail() = test::letters(63);
  p.door.send(output, p.down, 1 << 20);
  CHECK(p.frames() == std::vector<server_frame>{{0x82, test::letters(63)}});
}

} // namespace websocket_layer_test
