#include "actors/node/config/configuration.hpp"

#include "actors/node/config/text_sources.hpp"
#include "actors/node/config/yaml_source.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <limits>

namespace configuration_test {

using namespace hetzel;
using namespace hetzel::node;
using namespace std::chrono_literals;

namespace {

settings_read file(const std::string& text) {
  return parse_yaml(text, "hetzel.yaml");
}

settings_read variable(const char* text) {
  const char* const environment[] = {text, nullptr};
  return read_environment(environment);
}

configuration good(std::initializer_list<settings_read> sources) {
  auto result = resolve(std::vector(sources));
  if (!result)
    for (const auto& one : result.error())
      MESSAGE(one.to_string());
  REQUIRE(result);
  return std::move(*result);
}

std::vector<std::string> faults(std::initializer_list<settings_read> sources) {
  std::vector<std::string> lines;
  if (auto result = resolve(std::vector(sources)); !result)
    for (const auto& one : result.error())
      lines.push_back(one.to_string());
  return lines;
}

net::listener_config only_listener(const configuration& from) {
  REQUIRE(from.values.listeners.size() == 1);
  return from.values.listeners[0];
}

} // namespace

// -- sources ------------------------------------------------------------------

TEST_CASE("without any source every key has its default and one listener "
          "listens on loopback") {
  const auto config = good({});
  const auto listener = only_listener(config);
  CHECK(listener.name == "tcp.default");
  CHECK(listener.address == "127.0.0.1");
  CHECK(listener.port == 1883);
  CHECK(config.values.reactors >= 1);
  for (const auto& [name, entry] : config.entries)
    CHECK(entry.place == default_place);
}

TEST_CASE("arguments prevail over the environment, that over the file, that "
          "over defaults") {
  const auto in_file = file("max_client_id_size: 1");
  const auto in_environment = variable("HETZEL_MAX_CLIENT_ID_SIZE=2");
  const auto size_of = [](const configuration& config) {
    return config.values.limits.client_id_size_max;
  };
  CHECK(size_of(good({})) == 100);
  CHECK(size_of(good({in_file})) == 1);
  CHECK(size_of(good({in_file, in_environment})) == 2);
  CHECK(size_of(good({in_file, in_environment,
                      read_argument("max_client_id_size=3")}))
        == 3);
  CHECK(size_of(good({read_argument("max_client_id_size=3"),
                      read_argument("max_client_id_size=4")}))
        == 4);
}

TEST_CASE("an entry says who set it") {
  const auto config
    = good({file("\nqueue_type: lifo"), read_argument("reactors=2")});
  CHECK(config.entries.at("queue_type").place == "hetzel.yaml:2");
  CHECK(config.entries.at("reactors").place == "--set");
}

// -- faults -------------------------------------------------------------------

TEST_CASE("everything that is wrong is reported at once, with file, line and "
          "the nearest key") {
  const auto lines = faults({file("queu_type: lifo\n"
                                  "retry_interval: soon\n"
                                  "listeners:\n"
                                  "  tcp:\n"
                                  "    default: nowhere\n"
                                  "    default.backlgo: 5\n"),
                             variable("HETZEL_MAX_SESSIONS=0"),
                             read_argument("allow_anonymous=maybe")});
  REQUIRE(lines.size() == 6);
  CHECK(lines[0]
        == "hetzel.yaml:1: queu_type: unknown key, did you mean queue_type?");
  CHECK(lines[1].starts_with("hetzel.yaml:2: retry_interval: 'soon' is not"));
  CHECK(
    lines[2].starts_with("hetzel.yaml:5: listeners.tcp.default: 'nowhere'"));
  CHECK(lines[3]
        == "hetzel.yaml:6: listeners.tcp.default.backlgo: unknown key, did you "
           "mean listeners.tcp.default.backlog?");
  CHECK(lines[4].starts_with("HETZEL_MAX_SESSIONS: max_sessions: '0' is not"));
  CHECK(lines[5] == "--set: allow_anonymous: 'maybe' is neither on nor off");
}

TEST_CASE("a key twice in the file is refused, in either spelling") {
  const auto plain = faults({file("queue_type: fifo\nqueue_type: lifo\n")});
  REQUIRE(plain.size() == 1);
  CHECK(plain[0]
        == "hetzel.yaml:2: queue_type: is given twice, first at hetzel.yaml:1");
  CHECK(faults({file("listener.tcp.a: 127.0.0.1:1\n"
                     "listeners: {tcp: {a: {address: 127.0.0.1:2}}}\n")})
          .size()
        == 1);
}

TEST_CASE("a misspelt option of all listeners is no listener") {
  const auto lines = faults({read_argument("listeners.tcp.max_conections=5")});
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].ends_with("did you mean listeners.tcp.max_connections?"));
}

TEST_CASE("a variable of somebody else with our prefix is no error") {
  const auto config = good({variable("HETZEL_PORT=tcp://10.0.0.1:1883")});
  REQUIRE(config.warnings.size() == 1);
  CHECK(config.warnings[0].place == "HETZEL_PORT");
}

TEST_CASE("keys of features that are not there are unknown") {
  for (const auto* key : {"systree_enabled=on",
                          "listeners.sctp.default=127.0.0.1:8883",
                          "listeners.tcp.default.certfile=/x",
                          "listeners.http.default=127.0.0.1:8888"})
    CHECK(faults({read_argument(key)}).size() == 1);
}

TEST_CASE("a key without value is refused, an empty section is not") {
  CHECK(good({file("listeners:\n  tcp:\nlog:\n")}).warnings.empty());
  const auto lines = faults({file("queue_type:\n")});
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == "hetzel.yaml:1: queue_type: has no value");
  CHECK(faults({file("listeners.tcp.default:\n")}).size() == 1);
}

// -- listeners ----------------------------------------------------------------

TEST_CASE("a listener is an address, or a map with one, under either "
          "spelling") {
  for (const auto* text :
       {"listeners: {tcp: {a: 127.0.0.1:5}}",
        "listeners: {tcp: {a: {address: 127.0.0.1:5}}}",
        "listener: {tcp: {a: 127.0.0.1:5}}", "listener.tcp.a: 127.0.0.1:5"}) {
    const auto listener = only_listener(good({file(text)}));
    CHECK(listener.name == "tcp.a");
    CHECK(listener.port == 5);
  }
}

TEST_CASE("an argument moves a listener of the file in either form") {
  const auto listener = only_listener(
    good({file("listeners: {tcp: {a: {address: 127.0.0.1:5, backlog: 7}}}"),
          read_argument("listener.tcp.a=[::1]:6")}));
  CHECK(listener.address == "::1");
  CHECK(listener.port == 6);
  CHECK(listener.backlog == 7);
}

TEST_CASE("an option is the listener's own, else its kind's, else that of all "
          "[spec config 4.2]") {
  const std::string root = "listeners.max_connections: 10\n";
  const std::string kind = "listeners.tcp.max_connections: 20\n";
  const std::string own = "listeners.tcp.a.max_connections: 30\n";
  const std::string address = "listeners.tcp.a: 127.0.0.1:1\n";
  const auto most = [&](const std::string& text) {
    return only_listener(good({file(address + text)})).max_connections;
  };
  CHECK(most("") == 100'000);
  CHECK(most(root) == 10);
  CHECK(most(root + kind) == 20);
  CHECK(most(root + kind + own) == 30);
  CHECK(most(own) == 30);
}

TEST_CASE("-1 inherits from the level above [spec config 4.2]") {
  CHECK(only_listener(good({file("listeners.tcp.a: 127.0.0.1:1\n"
                                 "listeners.max_connections: 10\n"
                                 "listeners.tcp.max_connections: -1\n"
                                 "listeners.tcp.a.max_connections: -1\n")}))
          .max_connections
        == 10);
}

TEST_CASE("an option that has no level above is unknown there") {
  CHECK(faults({read_argument("listeners.tcp.allow_anonymous_override=on")})
          .size()
        == 1);
  CHECK(faults({read_argument("listeners.backlog=5")}).size() == 1);
}

TEST_CASE("options of a listener without an address are refused") {
  const auto lines = faults({file("listeners.tcp.a: 127.0.0.1:1\n"
                                  "listeners.tcp.b.backlog: 5\n")});
  REQUIRE(lines.size() == 1);
  CHECK(lines[0]
        == "hetzel.yaml:2: listeners.tcp.b.backlog: there is no address for "
           "this listener");
}

TEST_CASE("the default listener can be given options alone") {
  CHECK(only_listener(good({read_argument("listeners.tcp.default.backlog=5")}))
          .backlog
        == 5);
}

TEST_CASE("two listeners cannot have one address, but any number port 0") {
  CHECK(faults({file("listeners.tcp: {a: 127.0.0.1:5, b: 127.0.0.1:5}")})
          .size()
        == 1);
  CHECK(good({file("listeners.tcp: {a: 127.0.0.1:0, b: 127.0.0.1:0}")})
          .values.listeners.size()
        == 2);
}

TEST_CASE("a listener's durability is that of its kind, or of all, or left to "
          "the node") {
  const auto of = [](const char* lines) {
    return only_listener(good({file(lines)})).message_durability;
  };
  CHECK(of("message_durability: synced") == std::nullopt);
  CHECK(of("listeners.message_durability: relaxed")
        == net::message_durability::relaxed);
  CHECK(of("listeners.message_durability: relaxed\n"
           "listeners.tcp.message_durability: written")
        == net::message_durability::written);
  CHECK(of("listeners.tcp.message_durability: written\n"
           "listeners.tcp.default: 127.0.0.1:0\n"
           "listeners.tcp.default.message_durability: node")
        == std::nullopt);
}

TEST_CASE("a listener's options reach its struct") {
  const auto listener = only_listener(
    good({file("mqtt_connect_timeout: 250\n"
               "listeners.tcp:\n"
               "  a:\n"
               "    address: 0.0.0.0:0\n"
               "    allowed_protocol_versions: [4, 132]\n"
               "    mountpoint: tenant\n"
               "    allow_anonymous_override: on\n"
               "    message_durability: synced\n"
               "    nodelay: off\n"
               "    max_connections: infinity\n"
               "    buffer_sizes: 4096,16384,32768\n")}));
  CHECK(listener.connect_timeout == 250ms);
  CHECK_FALSE(listener.allowed_versions.v3_1);
  CHECK(listener.allowed_versions.v3_1_1);
  CHECK_FALSE(listener.allowed_versions.v5);
  CHECK_FALSE(listener.allowed_versions.v3_1_bridge);
  CHECK(listener.allowed_versions.v3_1_1_bridge);
  CHECK(listener.mountpoint == "tenant");
  CHECK(listener.allow_anonymous_override);
  CHECK(listener.message_durability == net::message_durability::synced);
  CHECK_FALSE(listener.nodelay);
  CHECK(listener.max_connections > 1'000'000'000);
  CHECK(listener.send_buffer == 4'096);
  CHECK(listener.receive_buffer == 16'384);
}

// -- values -------------------------------------------------------------------

TEST_CASE("a TLS listener's options reach its struct") {
  const auto listener = only_listener(
    good({file("listeners.ssl.tls_version: tlsv1.3\n"
               "listeners.ssl.a:\n"
               "  address: 127.0.0.1:8883\n"
               "  certfile: /c\n"
               "  keyfile: /k\n"
               "  keypasswd: secret\n"
               "  sni_certificates: [/c1;/k1, /c2]\n"
               "  eccs: \"[secp384r1,X25519]\"\n"
               "  ciphers: A:B\n"
               "  cafile: /ca\n"
               "  crlfile: /crl\n"
               "  depth: 3\n"
               "  require_certificate: on\n"
               "  use_identity_as_username: on\n"
               "  identity_source: san\n"
               "  psk_support: on\n"
               "  pskfile: /psk\n"
               "  pskfile_separator: \"|\"\n"
               "  psk_identity_hint: hint\n"
               "  tls_session_lifetime: 0\n"
               "  tls_handshake_timeout: 250\n"
               "  tls_handshake_rate: 7\n")}));
  CHECK(listener.name == "ssl.a");
  net::tls_config wanted;
  wanted.certificate = {"/c", "/k"};
  wanted.key_password = "secret";
  wanted.named_certificates = {{"/c1", "/k1"}, {"/c2", ""}};
  wanted.allowed_versions = {false, false, false, true};
  wanted.groups = "secp384r1:X25519";
  wanted.ciphers = "A:B";
  wanted.cafile = "/ca";
  wanted.crlfile = "/crl";
  wanted.depth = 3;
  wanted.require_certificate = true;
  wanted.use_identity_as_username = true;
  wanted.identity = net::tls_config::identity_source::alternative_name;
  wanted.psk_support = true;
  wanted.pskfile = "/psk";
  wanted.psk_separator = '|';
  wanted.psk_identity_hint = "hint";
  wanted.session_lifetime = 0s;
  CHECK((listener.tls == wanted));
  CHECK(listener.handshake_timeout == 250ms);
  CHECK(listener.handshake_rate == 7U);
}

TEST_CASE("limits reach their structs") {
  const auto config = good({file("max_subscriptions_per_client: 0\n"
                                 "max_online_messages: -1\n"
                                 "max_offline_messages: 0\n"
                                 "max_offline_queue_bytes: 2MB\n"
                                 "max_online_queue_bytes: -1\n"
                                 "queue_type: lifo\n"
                                 "retry_interval: 1m\n"
                                 "persistent_client_expiration: 2w\n"
                                 "max_session_expiry: 1h\n"
                                 "max_last_will_delay: 30s\n"
                                 "max_keep_alive: 60\n"
                                 "shared_subscription_policy: sticky\n"
                                 "max_message_rate: 50\n"
                                 "topic_max_depth: 0\n"
                                 "expire_retain_cache: 0\n"
                                 "data_dir: /var/lib/hetzel\n")})
                        .values;
  CHECK(config.messaging.subscriptions_per_client_max == std::nullopt);
  CHECK(config.messaging.queues.online_max == std::nullopt);
  CHECK(config.messaging.queues.offline_max == 0);
  CHECK(config.messaging.queues.offline_bytes_max == 2 << 20);
  CHECK(config.messaging.queues.online_bytes_max == std::nullopt);
  CHECK(config.messaging.queues.order == messaging::queue_order::lifo);
  CHECK(config.limits.retry_interval == 60s);
  CHECK(config.limits.persistent_client_expiration == 24h * 14);
  CHECK(config.limits.session_expiry_max == 1h);
  CHECK(config.limits.will_delay_max == 30s);
  CHECK(config.limits.keep_alive_max == 60s);
  CHECK(config.messaging.shares == messaging::share_policy::sticky);
  CHECK(config.messaging.message_rate_max == 50);
  CHECK(config.limits.topics.depth_max == 0);
  CHECK(config.messaging.retained.expiry_sweep_interval == 0s);
  CHECK(config.data_dir == "/var/lib/hetzel");
}

TEST_CASE("max_message_size is a Remaining Length, the limit is of the whole "
          "packet [spec config 3]") {
  const auto packet_size = [](const char* argument) {
    return good({read_argument(argument)}).values.limits.packet_size_max;
  };
  CHECK(packet_size("max_message_size=128") == 128 + 3);
  CHECK(packet_size("max_message_size=16383") == 16'383 + 3);
  CHECK(packet_size("max_message_size=16384") == 16'384 + 4);
  CHECK(packet_size("max_message_size=0") == mqtt::remaining_length_max + 5);
}

TEST_CASE("the log goes where log.console says [spec config 8]") {
  const auto log_of = [](const char* target) {
    return good({read_argument("log.console.file=/x/y.log"),
                 read_argument(std::string("log.console=") + target)})
      .values.log;
  };
  CHECK(log_of("console").console);
  CHECK(log_of("console").file_path.empty());
  CHECK_FALSE(log_of("file").console);
  CHECK(log_of("file").file_path == "/x/y.log");
  CHECK(log_of("both").console);
  CHECK(log_of("both").file_path == "/x/y.log");
  CHECK(log_of("off").threshold == log::level::off);
}

TEST_CASE("log.level is a floor under log.console.level [spec config 8]") {
  const auto threshold = [](const char* floor, const char* level) {
    return good({read_argument(std::string("log.level=") + floor),
                 read_argument(std::string("log.console.level=") + level)})
      .values.log.threshold;
  };
  CHECK(threshold("all", "trace") == log::level::trace);
  CHECK(threshold("warning", "debug") == log::level::warning);
  CHECK(threshold("debug", "emergency") == log::level::error);
  CHECK(threshold("all", "notice") == log::level::info);
}

TEST_CASE("what is written for a WebSocket listener reaches it") {
  const auto config = good({file(
    "listeners.ws.web: 127.0.0.1:0\n"
    "listeners.ws.web.ws_path: /mqtt, /ws\n"
    "listeners.ws.ws_allowed_origins: https://a.example,https://b.example\n"
    "listeners.ws.web.ws_compression: on\n"
    "listeners.ws.web.proxy_xff_support: on\n"
    "listeners.ws.web.proxy_xff_trusted_intermediate: 10.0.0.1;10.0.0.2\n"
    "max_ws_frame_size: infinity\n")});
  const auto& web = config.values.listeners.at(0);
  CHECK(web.name == "ws.web");
  const auto& upgrade = web.websocket.upgrade;
  CHECK(upgrade.paths == std::vector<std::string>{"/mqtt", "/ws"});
  CHECK(upgrade.allowed_origins
        == std::vector<std::string>{"https://a.example", "https://b.example"});
  CHECK(upgrade.is_compression_on);
  CHECK(upgrade.is_forwarded);
  CHECK(upgrade.trusted.contains(*net::parse_ip("10.0.0.2")));
  CHECK_FALSE(upgrade.trusted.contains(*net::parse_ip("10.0.0.3")));
  CHECK(web.websocket.frames.size_max
        == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("options of WebSocket are none of a TCP listener") {
  const auto lines = faults({file("listeners.tcp.default.ws_path: /mqtt\n")});
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("unknown key") != std::string::npos);
}

TEST_CASE("one local socket may not be the address of two listeners") {
  const auto lines = faults({file("listeners.tcp.a: local:/run/h.sock:0\n"
                                  "listeners.ws.b: local:/run/h.sock:0\n")});
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("is the address of") != std::string::npos);
}

TEST_CASE("limits of connections and proxies reach their listener") {
  const auto config = good({file(
    "listeners.max_connection_lifetime: 1h\n"
    "listeners.tcp.default: local:/run/h.sock:0\n"
    "listeners.tcp.default.socket_mode: 0600\n"
    "listeners.tcp.max_accept_rate: 500\n"
    "listeners.tcp.tcp_user_timeout: 30s\n"
    "listeners.tcp.tcp_keepalive: 60\n"
    "listeners.tcp.default.proxy_protocol: on\n"
    "listeners.tcp.default.proxy_protocol_trusted: all\n")});
  const auto& one = config.values.listeners.at(0);
  CHECK(net::is_local(one));
  CHECK(one.socket_mode == 0600);
  CHECK(one.accept_rate_max == 500);
  CHECK(one.connection_lifetime_max == 1h);
  CHECK(one.user_timeout == 30s);
  CHECK(one.keepalive_idle == 60s);
  CHECK(one.proxy.is_on);
  CHECK(one.proxy.trusted.contains(*net::parse_ip("203.0.113.9")));
}

} // namespace configuration_test
