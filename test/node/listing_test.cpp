#include "actors/node/config/listing.hpp"

#include "actors/node/config/text_sources.hpp"
#include "actors/node/config/yaml_source.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace listing_test {

using namespace hetzel::node;

namespace {

configuration with(std::vector<settings_read> sources) {
  auto result = resolve(sources);
  REQUIRE(result);
  return std::move(*result);
}

} // namespace

TEST_CASE("the list of values in force means the same when it is read") {
  const auto config = with({
    read_argument("listeners.tcp.a=[::1]:0"),
    read_argument("listeners.tcp.a.mountpoint=a \"b\": #c\\ \t'"),
    read_argument("max_online_messages=-1"),
    read_argument("listeners.tcp.a.buffer_sizes=4096, 8192"),
  });
  const auto again = with({parse_yaml(list_entries(config.entries), "list")});
  REQUIRE(again.entries.size() == config.entries.size());
  for (const auto& [name, entry] : config.entries) {
    CAPTURE(name);
    CHECK(again.entries.at(name).parsed == entry.parsed);
  }
}

TEST_CASE("the list says where a value comes from, unless it is a default") {
  const auto text = list_entries(with({read_argument("reactors=2")}).entries);
  CHECK(text.find("reactors: 2  # --set\n") != std::string::npos);
  CHECK(text.find("queue_type: fifo\n") != std::string::npos);
}

TEST_CASE("a secret is never shown") {
  const key_facts secret{.name = "password", .kind = value_kind::text,
                         .secret = true};
  const config_entries entries{
    {"password", {&secret, "hunter2", {}, "--set"}}};
  CHECK(list_entries(entries) == "password: \"***\"  # --set\n");
}

TEST_CASE("a key is described with its range, default and value in force") {
  const auto config = with({read_argument("max_client_id_size=20")});
  const auto text = describe_key("max_client_id_size", config.entries);
  REQUIRE(text);
  for (const auto* part : {"1…65535", "default: 100", "20 (--set)", "SIGHUP"})
    CHECK(text->find(part) != std::string::npos);
  CHECK(describe_key("listeners.tcp.backlog", config.entries));
  CHECK(describe_key("listeners.tcp.default", config.entries)
          ->find("127.0.0.1:1883")
        != std::string::npos);
}

TEST_CASE("an unknown key is described by the nearest one") {
  CHECK(describe_key("max_client_id", with({}).entries).error()
        == "unknown key, did you mean max_client_id_size?");
}

} // namespace listing_test
