#include "actors/admin/status_commands.hpp"

#include "persistence/memory_store.hpp"
#include "test/support/messaging_node.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace status_commands_test {

using namespace hetzel;
using namespace hetzel::admin;
using hetzel::test::messaging_node;

namespace {

using words = std::vector<std::string>;

struct status_desk {
  status_desk() {
    auto rows = exchange_rows(node.exchange);
    rows.push_back({"weather", [] { return std::string{"fine"}; }});
    add_status_commands(registry, node.exchange, std::move(rows));
  }

  words ask(words asked) {
    words lines;
    run(understand(registry, std::move(asked)),
        reply{[&](answer_part part) { lines = part.lines; }});
    return lines;
  }

  messaging_node node;
  command_registry registry;
};

bool has(const words& lines, std::string_view line) {
  return std::ranges::find(lines, line) != lines.end();
}

} // namespace

TEST_CASE("the status tells what is there, and what others add to it") {
  status_desk here;
  CHECK(has(here.ask({"status"}), "sessions: 0"));
  auto client = here.node.client("c");
  client.publish("t", "x", mqtt::qos::at_least_once, true);
  const auto lines = here.ask({"status"});
  CHECK(has(lines, "sessions: 1"));
  CHECK(has(lines, "sockets: 1"));
  CHECK(has(lines, "retained: 1"));
  CHECK(has(lines, "reactors: 2"));
  CHECK(lines.back() == "weather: fine");
}

TEST_CASE("metrics are shown by name, all or some") {
  status_desk here;
  auto client = here.node.client("c");
  client.publish("t", "x", mqtt::qos::at_least_once);
  const auto all = here.ask({"metrics"});
  CHECK(all.size() > 100);
  CHECK(has(all, "mqtt_publish_received 1"));
  CHECK(has(all, "mqtt_error_sent{reason_code=\"not_authorized\"} 0"));
  const auto some = here.ask({"metrics", "keepalive", "takeover"});
  CHECK(some
        == words{"client_keepalive_expired 0", "session_takeover 0"});
}

} // namespace status_commands_test
