#include "actors/net/listener_layers.hpp"

#include "actors/net/listener.hpp"
#include "test/support/net_door.hpp"
#include "test/support/net_fixture.hpp"
#include "test/support/proxy_bytes.hpp"
#include "test/support/temporary_directory.hpp"
#include "test/support/websocket_bytes.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace listener_layers_test {

using namespace std::chrono_literals;
using namespace hetzel;
using net::listener_config;
using net::listener_kind;
using net::transport_fault;
using test::client_frame;
using test::connect_bytes;
using test::net_peer;
using test::proxy_attribute;
using test::proxy_block;
using test::upgrade_request;

namespace {

/// A listener, its gate, and who decides behind it.
struct house : test::net_fixture {
  explicit house(listener_config wanted) {
    if (wanted.address.empty())
      wanted.address = "127.0.0.1";
    wanted.name = "tcp.front";
    auto opened = net::listening_socket::open(wanted);
    REQUIRE(opened);
    socket = std::make_shared<const net::listening_socket>(std::move(*opened));
    context = test::make_listener_context(std::move(wanted));
    gate = net::spawn_connect_gate(home(), {}, door, counters);
    listener = net::spawn_listener(
      home(), socket, context, [this] { return gate; }, counters);
  }

  ~house() {
    kill(listener);
    kill(gate);
  }

  net_peer connect() const { return net_peer::connect(socket->port()); }

  /// What a client gets that sends `bytes`, until it is closed.
  std::string answer_to(const std::string& bytes) {
    auto client = connect();
    client.send(bytes);
    return client.receive_rest();
  }

  std::uint64_t faults(transport_fault fault) const {
    return counters.transport_faults[static_cast<std::size_t>(fault)].value();
  }

  test::net_door door;
  std::shared_ptr<const net::listening_socket> socket;
  std::shared_ptr<net::listener_context> context;
  net::connect_gate gate;
  net::listener listener;
};

listener_config behind_proxy(const char* trusted = "127.0.0.1") {
  listener_config config;
  config.proxy.is_on = true;
  config.proxy.trusted = *net::parse_network_list(trusted);
  return config;
}

listener_config of_kind(listener_kind kind) {
  listener_config config;
  config.kind = kind;
  return config;
}

std::string in_frame(const std::string& content) {
  return client_frame{}.with(content);
}

std::string certified_header() {
  proxy_block block;
  block.attributes
    = proxy_attribute(0x20, test::proxy_tls_attribute{}.value());
  return block.checked_bytes();
}

} // namespace

// -- PROXY --------------------------------------------------------------------

TEST_CASE("a client behind a proxy comes in with its own address, and the "
          "layer stays behind") {
  house h{behind_proxy()};
  auto client = h.connect();
  client.send("PROXY TCP4 192.0.2.1 198.51.100.7 4660 1883\r\n"
              + connect_bytes());
  const auto came = h.door.take("c1");
  REQUIRE(came);
  CHECK(came->peer == "192.0.2.1:4660");
  CHECK(came->layered == nullptr);
  CHECK(came->unread.empty());
}

TEST_CASE("the name in a certificate that the proxy verified is the user "
          "name, whatever CONNECT says") {
  house h{behind_proxy()};
  auto client = h.connect();
  client.send(certified_header() + connect_bytes({.user_name = "root"}));
  const auto came = h.door.take("c1");
  REQUIRE(came);
  CHECK(came->request->packet.user_name == "meter-7");
  CHECK(h.door.events.text() == "authenticate:tcp.front:meter-7 admit:c1");
  REQUIRE(came->identity);
  CHECK(came->identity->common_name == "meter-7");
}

TEST_CASE("a proxy's own connection keeps its address") {
  house h{behind_proxy()};
  auto client = h.connect();
  client.send(proxy_block{.command = 0x20}.bytes() + connect_bytes());
  const auto came = h.door.take("c1");
  REQUIRE(came);
  CHECK(came->peer == client.address());
}

TEST_CASE("a header from an address that is not trusted is closed and "
          "counted") {
  house h{behind_proxy("10.0.0.0/8")};
  CHECK(h.answer_to(certified_header() + connect_bytes()).empty());
  CHECK(h.faults(transport_fault::untrusted_proxy) == 1);
  CHECK(h.door.events.text().empty());
  CHECK(h.context->connections == 0);
}

TEST_CASE("without a header nobody comes in behind a proxy") {
  house h{behind_proxy()};
  CHECK(h.answer_to(connect_bytes()).empty());
  CHECK(h.faults(transport_fault::foreign) == 1);
  CHECK(h.answer_to("PROXY TCP4 x\r\n").empty());
  CHECK(h.faults(transport_fault::malformed) == 1);
  CHECK(h.door.events.text().empty());
}

TEST_CASE("half a header is waited for as long as CONNECT, not longer") {
  auto config = behind_proxy();
  config.connect_timeout = 40ms;
  house h{config};
  CHECK(h.answer_to("PROXY TCP4").empty());
  CHECK(h.counters.transport_timeout.value() == 1);
}

// -- WebSocket ----------------------------------------------------------------

TEST_CASE("a WebSocket client comes in behind its upgrade, with its layer") {
  house h{of_kind(listener_kind::ws)};
  auto client = h.connect();
  client.send(upgrade_request() + in_frame(connect_bytes()));
  const auto came = h.door.take("c1");
  REQUIRE(came);
  REQUIRE(came->layered);
  CHECK(came->layered->layer->is_established());
  // It leaves with CONNACK.
  std::array<mqtt::bytes_view, 1> answer;
  REQUIRE(came->layered->down.gather(answer) == 1);
  CHECK(answer[0].starts_with("HTTP/1.1 101"));
}

TEST_CASE("who is refused in CONNECT is told so in a frame, and that it is "
          "over in another") {
  house h{of_kind(listener_kind::ws)};
  h.door.verdict = mqtt::reason_code::not_authorized;
  const auto answer
    = h.answer_to(upgrade_request() + in_frame(connect_bytes()));
  auto frames = std::string_view{answer}.substr(answer.find("\r\n\r\n") + 4);
  const auto sent = test::take_server_frames(frames);
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].first_byte == 0x82);
  CHECK(sent[0].payload.substr(3, 1) == "\x87");
  CHECK(sent[1] == test::server_frame{0x88, "\x03\xE8"});
}

TEST_CASE("a bad upgrade is answered in HTTP") {
  house h{of_kind(listener_kind::ws)};
  CHECK(h.answer_to(test::replaced(upgrade_request(), "/mqtt", "/x"))
          .starts_with("HTTP/1.1 404 "));
  CHECK(h.answer_to(connect_bytes()).starts_with("HTTP/1.1 400 "));
  CHECK(h.faults(transport_fault::no_common) == 1);
  CHECK(h.faults(transport_fault::foreign) == 1);
}

TEST_CASE("who closes a WebSocket gets its close back") {
  house h{of_kind(listener_kind::ws)};
  const auto answer = h.answer_to(
    upgrade_request()
    + client_frame{.kind = net::websocket::opcode::close}.with("\x03\xE8"));
  CHECK(answer.ends_with("\r\n\r\n\x88\x02\x03\xE8"));
}

TEST_CASE("a WebSocket behind two kinds of proxy: the later word counts") {
  auto config = behind_proxy();
  config.kind = listener_kind::ws;
  config.websocket.upgrade.is_forwarded = true;
  config.websocket.upgrade.trusted = *net::parse_network_list("127.0.0.1");
  house h{config};
  auto client = h.connect();
  client.send(proxy_block{}.bytes()
              + upgrade_request("X-Forwarded-For: 203.0.113.9\r\n")
              + in_frame(connect_bytes()));
  const auto came = h.door.take("c1");
  REQUIRE(came);
  CHECK(came->peer == "203.0.113.9:0");
}

TEST_CASE("X-Forwarded-For from an address that is not trusted is 403") {
  auto config = of_kind(listener_kind::ws);
  config.websocket.upgrade.is_forwarded = true;
  house h{config};
  CHECK(h.answer_to(upgrade_request("X-Forwarded-For: 203.0.113.9\r\n"))
          .starts_with("HTTP/1.1 403 "));
  CHECK(h.faults(transport_fault::untrusted_proxy) == 1);
}

// -- local sockets ------------------------------------------------------------

namespace {

net_peer connect_local(const std::string& path) {
  net::socket_handle socket{::socket(AF_UNIX, SOCK_STREAM, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, path.c_str());
  REQUIRE(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address),
                    sizeof(address))
          == 0);
  return net_peer{std::move(socket)};
}

} // namespace

TEST_CASE("a client of a local socket is named by process and user") {
  const test::temporary_directory folder;
  listener_config config;
  config.address = folder.path("mqtt.sock");
  house h{config};
  auto client = connect_local(config.address);
  client.send(connect_bytes());
  const auto came = h.door.take("c1");
  REQUIRE(came);
  CHECK(came->peer
        == "unix:" + std::to_string(::getpid()) + '/'
             + std::to_string(::getuid()));
}

TEST_CASE("a proxy that comes through a local socket is trusted: the file's "
          "permissions let it in") {
  const test::temporary_directory folder;
  auto config = behind_proxy("none");
  config.address = folder.path("mqtt.sock");
  house h{config};
  auto client = connect_local(config.address);
  client.send(proxy_block{}.bytes() + connect_bytes());
  const auto came = h.door.take("c1");
  REQUIRE(came);
  CHECK(came->peer == "192.0.2.1:4660");
}

// -- rate ---------------------------------------------------------------------

TEST_CASE("beyond max_accept_rate clients wait for their turn, and each "
          "wait is counted") {
  listener_config config;
  config.accept_rate_max = 4;
  house h{config};
  const auto start = std::chrono::steady_clock::now();
  std::vector<net_peer> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(h.connect());
    clients.back().send(connect_bytes({.client_id = std::to_string(i)}));
  }
  for (int i = 0; i < 6; ++i)
    CHECK(h.door.take(std::to_string(i)) != nullptr);
  CHECK(std::chrono::steady_clock::now() - start >= 450ms);
  // And once more for whom comes next.
  CHECK(h.counters.accept_throttled.value() >= 2);
}

} // namespace listener_layers_test
