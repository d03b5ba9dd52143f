#include "actors/node/listener_commands.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace listener_commands_test {

using namespace hetzel;
using hetzel::node::listener_table;

namespace {

net::listener_facts facts(const std::string& name) {
  net::listener_facts of;
  of.config.name = name;
  of.config.address = "127.0.0.1";
  of.config.max_connections = 100;
  of.port = 1883;
  of.connections = 7;
  return of;
}

} // namespace

TEST_CASE("listeners are shown in columns as wide as they must be") {
  auto second = facts("ssl.secure");
  second.config.kind = net::listener_kind::ssl;
  second.config.mountpoint = "tenant";
  second.status = net::listener_status::suspended;
  CHECK(listener_table({facts("tcp.a"), second}, {})
        == std::vector<std::string>{
          "name        type   status     address    port  mountpoint  "
          "max_conns  active_conns",
          "tcp.a       mqtt   running    127.0.0.1  1883              "
          "100        7",
          "ssl.secure  mqtts  suspended  127.0.0.1  1883  tenant      "
          "100        7"});
}

TEST_CASE("options of TLS and of MQTT are shown where they are asked for") {
  auto one = facts("ssl.a");
  one.config.tls.certificate.certfile = "/c.pem";
  one.config.tls.key_password = "secret";
  const auto lines = listener_table({one}, {.tls = true, .mqtt = true});
  CHECK(lines[0].find("require_certificate") != std::string::npos);
  CHECK(lines[1].find("/c.pem") != std::string::npos);
  CHECK(lines[1].find("3,4,5,131") != std::string::npos);
  CHECK(lines[1].find("secret") == std::string::npos);
}

} // namespace listener_commands_test
