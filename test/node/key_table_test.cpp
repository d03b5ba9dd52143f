#include "actors/node/config/key_table.hpp"

#include "actors/messaging/index/share_policy.hpp"
#include "actors/node/config/configuration.hpp"
#include "actors/node/config/scalar.hpp"
#include "actors/node/config/text_sources.hpp"
#include "actors/node/config/yaml_source.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

namespace key_table_test {

using namespace hetzel;
using namespace hetzel::node;

namespace {

std::vector<key_facts> all_facts() {
  std::vector<key_facts> all;
  for (const auto keys : single_keys())
    for (const auto& key : keys)
      all.push_back(key.facts);
  for (const auto group : listener_options())
    for (const auto& option : group)
      all.push_back(option.key.facts);
  return all;
}

const std::filesystem::path shipped_file
  = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path()
    / "etc" / "hetzel.yaml";

/// etc/hetzel.yaml with every key that is commented out taken in, and a
/// listener of TLS.
std::string shipped_keys() {
  std::ifstream in(shipped_file);
  std::ostringstream text;
  text << "listeners.ssl.shown: 127.0.0.1:8883\n";
  for (std::string line; std::getline(in, line);) {
    if (line.size() > 1 && line[0] == '#' && line[1] >= 'a' && line[1] <= 'z')
      line.erase(0, 1);
    text << line << '\n';
  }
  return text.str();
}

/// An option that listeners of all kinds have.
bool is_general(const key_facts& facts) {
  for (const auto group : listener_options())
    for (const auto& option : group)
      if (option.key.facts.name == facts.name)
        return option.kinds == any_kind;
  return false;
}

configuration resolve_or_fail(const settings_read& source) {
  auto result = resolve(std::vector{source});
  if (!result)
    for (const auto& one : result.error())
      MESSAGE(one.to_string());
  REQUIRE(result);
  return std::move(*result);
}

} // namespace

TEST_CASE("every key is named once, and so is every option of a listener") {
  std::set<std::string_view> names;
  for (const auto keys : single_keys())
    for (const auto& key : keys) {
      CAPTURE(key.facts.name);
      CHECK(names.insert(key.facts.name).second);
    }
  names.clear();
  for (const auto group : listener_options())
    for (const auto& option : group) {
      CAPTURE(option.key.facts.name);
      CHECK(names.insert(option.key.facts.name).second);
    }
}

TEST_CASE("every default can be read, within its own range") {
  for (const auto& facts : all_facts()) {
    CAPTURE(facts.name);
    CHECK(parse_value(facts, facts.default_text));
  }
}

TEST_CASE("every key is documented in whole sentences") {
  for (const auto& facts : all_facts()) {
    CAPTURE(facts.name);
    CHECK(facts.doc.ends_with('.'));
    CHECK_FALSE(describe_kind(facts).empty());
  }
}

TEST_CASE("every duration and integer names its unit") {
  for (const auto& facts : all_facts()) {
    CAPTURE(facts.name);
    if (facts.kind == value_kind::integer)
      CHECK_FALSE(facts.unit.empty());
    if (facts.kind == value_kind::duration)
      CHECK(parse_duration("1", facts.unit));
  }
}

TEST_CASE("only keys without effect have nowhere to go") {
  for (const auto keys : single_keys())
    for (const auto& key : keys)
      CHECK((key.store == nullptr)
            == (key.facts.doc.find("No effect") == 0));
}

TEST_CASE("the words of the share policy are the index's names in its order") {
  for (const auto& key : session_keys()) {
    if (key.facts.name != "shared_subscription_policy")
      continue;
    for (const auto word : split(key.facts.words, ' ')) {
      const auto number = parse_value(key.facts, word)->number;
      CHECK(messaging::share_policy_of(word)
            == static_cast<messaging::share_policy>(number));
    }
  }
}

TEST_CASE("defaults in the structs are those of the table") {
  const auto built = resolve_or_fail({}).values;
  const node_config plain;
  CHECK(built.data_dir == plain.data_dir);
  CHECK(built.control_socket == plain.control_socket);
  CHECK(built.nodename == plain.nodename);
  CHECK(built.connect_timeout == plain.connect_timeout);
  CHECK(built.pending_connects_max == plain.pending_connects_max);
  CHECK(built.log.threshold == plain.log.threshold);
  CHECK(built.log.console == plain.log.console);
  CHECK(built.log.file_path == plain.log.file_path);
  CHECK(built.log.file_size_max_bytes == plain.log.file_size_max_bytes);
  CHECK(built.log.files_kept_max == plain.log.files_kept_max);

  CHECK(built.websocket_frames.size_max == plain.websocket_frames.size_max);
  CHECK(built.websocket_frames.inflated_max
        == plain.websocket_frames.inflated_max);

  const auto& messages = built.messaging;
  CHECK(messages.queues.online_max == plain.messaging.queues.online_max);
  CHECK(messages.queues.offline_max == plain.messaging.queues.offline_max);
  CHECK(messages.queues.order == plain.messaging.queues.order);
  CHECK(messages.retained.count_max == plain.messaging.retained.count_max);
  CHECK(messages.retained.bytes_max == plain.messaging.retained.bytes_max);
  CHECK(messages.retained.expiry_sweep_interval
        == plain.messaging.retained.expiry_sweep_interval);
  CHECK(messages.queues.online_bytes_max
        == plain.messaging.queues.online_bytes_max);
  CHECK(messages.queues.offline_bytes_max
        == plain.messaging.queues.offline_bytes_max);
  CHECK(messages.shares == plain.messaging.shares);
  CHECK(messages.allow_anonymous == plain.messaging.allow_anonymous);
  CHECK(messages.max_sessions == plain.messaging.max_sessions);
  CHECK(messages.subscriptions_per_client_max
        == plain.messaging.subscriptions_per_client_max);
  CHECK(messages.message_rate_max == plain.messaging.message_rate_max);
  CHECK(messages.write_buffer_max == plain.messaging.write_buffer_max);
}

TEST_CASE("defaults of a listener in the struct are those of the table") {
  const auto built = resolve_or_fail({}).values;
  REQUIRE(built.listeners.size() == 1);
  const auto& listener = built.listeners[0];
  const net::listener_config fresh;
  CHECK(listener.max_connections == fresh.max_connections);
  CHECK(listener.connect_timeout == fresh.connect_timeout);
  CHECK(listener.nodelay == fresh.nodelay);
  CHECK(listener.backlog == fresh.backlog);
  CHECK(listener.mountpoint == fresh.mountpoint);
  CHECK(listener.message_durability == fresh.message_durability);
  CHECK(listener.allow_anonymous_override == fresh.allow_anonymous_override);
  CHECK(listener.accept_rate_max == fresh.accept_rate_max);
  CHECK(listener.connection_lifetime_max == fresh.connection_lifetime_max);
  CHECK(listener.user_timeout == fresh.user_timeout);
  CHECK(listener.keepalive_idle == fresh.keepalive_idle);
  CHECK(listener.socket_mode == fresh.socket_mode);
  CHECK(listener.proxy.is_on == fresh.proxy.is_on);
  CHECK(listener.proxy.trusted == fresh.proxy.trusted);
  CHECK(listener.proxy.takes_common_name == fresh.proxy.takes_common_name);
  CHECK(listener.send_buffer == fresh.send_buffer);
  CHECK(listener.receive_buffer == fresh.receive_buffer);
  CHECK(listener.allowed_versions.v3_1_bridge
        == fresh.allowed_versions.v3_1_bridge);
  CHECK(listener.allowed_versions.v3_1_1_bridge
        == fresh.allowed_versions.v3_1_1_bridge);
}

TEST_CASE("defaults of WebSocket listeners in the struct are those of the "
          "table") {
  const auto built
    = resolve_or_fail(parse_yaml("listeners.ws.x: 127.0.0.1:0", "x.yaml"));
  REQUIRE(built.values.listeners.size() == 1);
  const auto& listener = built.values.listeners[0];
  CHECK(listener.kind == net::listener_kind::ws);
  const auto& upgrade = listener.websocket.upgrade;
  const net::websocket::upgrade_options fresh;
  CHECK(upgrade.paths == fresh.paths);
  CHECK(upgrade.allowed_origins == fresh.allowed_origins);
  CHECK(upgrade.request_line_max == fresh.request_line_max);
  CHECK(upgrade.header_value_max == fresh.header_value_max);
  CHECK(upgrade.is_compression_on == fresh.is_compression_on);
  CHECK(upgrade.is_forwarded == fresh.is_forwarded);
  CHECK(upgrade.trusted == fresh.trusted);
  CHECK(upgrade.takes_common_name == fresh.takes_common_name);
  CHECK(upgrade.common_name_header == fresh.common_name_header);
}

TEST_CASE("defaults of a TLS listener's struct are those of the table") {
  const auto built
    = resolve_or_fail(read_argument("listeners.ssl.a=127.0.0.1:1")).values;
  REQUIRE(built.listeners.size() == 1);
  const auto& listener = built.listeners[0];
  CHECK(listener.kind == net::listener_kind::ssl);
  const net::listener_config fresh;
  CHECK(listener.tls == fresh.tls);
  CHECK(listener.handshake_timeout == fresh.handshake_timeout);
  CHECK(listener.handshake_rate == fresh.handshake_rate);
  CHECK(built.tls_check_interval == node_config{}.tls_check_interval);
}

TEST_CASE("etc/hetzel.yaml shows every key with its default") {
  const auto shown = resolve_or_fail(parse_yaml(shipped_keys(), "hetzel.yaml"));
  for (const auto& [name, entry] : shown.entries) {
    CAPTURE(name);
    const auto& facts = *entry.facts;
    // What every kind has is shown for TCP.
    if (is_general(facts) && name.starts_with("listeners.ssl"))
      continue;
    CHECK(entry.place != default_place);
    const bool is_override = name.ends_with("allow_anonymous_override");
    CHECK((entry.parsed == *parse_value(facts, facts.default_text))
          == !is_override);
  }
}

TEST_CASE("etc/hetzel.yaml shows every option of WebSocket listeners with its "
          "default") {
  const auto plain = parse_yaml("listeners.ws.x: 127.0.0.1:0", "x.yaml");
  auto both = parse_yaml(shipped_keys(), "hetzel.yaml");
  both.settings.insert(both.settings.end(), plain.settings.begin(),
                       plain.settings.end());
  const auto shown = resolve_or_fail(both);
  const auto defaults = resolve_or_fail(plain);
  for (const auto& option : websocket_listener_options()) {
    const auto name = "listeners.ws.x." + std::string(option.key.facts.name);
    CAPTURE(name);
    CHECK(shown.entries.at(name).place != default_place);
    CHECK(shown.entries.at(name).parsed == defaults.entries.at(name).parsed);
  }
}

TEST_CASE("etc/hetzel.yaml admits anonymous clients on loopback only") {
  const auto shipped = resolve_or_fail(read_yaml(shipped_file)).values;
  CHECK_FALSE(shipped.messaging.allow_anonymous);
  REQUIRE(shipped.listeners.size() == 1);
  CHECK(shipped.listeners[0].address == "127.0.0.1");
  CHECK(shipped.listeners[0].allow_anonymous_override);
}

TEST_CASE("etc/hetzel.yaml marks exactly the keys that change live") {
  std::ifstream in(shipped_file);
  // A comment block speaks for the keys right behind it.
  std::string comment;
  std::set<std::string, std::less<>> live;
  bool behind_keys = false;
  for (std::string line; std::getline(in, line);) {
    const bool is_key = line.size() > 1 && line[0] == '#' && line[1] >= 'a'
                        && line[1] <= 'z';
    if (!is_key) {
      if (behind_keys || !line.starts_with('#'))
        comment.clear();
      comment += line;
    } else if (comment.find("(live)") != std::string::npos) {
      live.insert(line.substr(1, line.find(':') - 1));
    }
    behind_keys = is_key;
  }
  for (const auto keys : single_keys())
    for (const auto& key : keys) {
      CAPTURE(key.facts.name);
      CHECK(live.contains(key.facts.name) == key.facts.live);
    }
  for (const auto& option : tls_listener_options()) {
    const auto name = "listeners.ssl." + std::string{option.key.facts.name};
    CAPTURE(name);
    CHECK(live.contains(name));
  }
}

} // namespace key_table_test
