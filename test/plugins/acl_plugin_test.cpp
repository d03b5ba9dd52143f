#include "plugins/acl/acl_plugin.hpp"

#include "plugins/files/text_file.hpp"
#include "test/support/recording_port.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace acl_plugin_test {

using namespace hetzel;
using namespace hetzel::plugins;

namespace {

using entries = std::vector<mqtt::subscribe_entry>;

struct fixture {
  test::temporary_directory folder;
  std::string path = folder.path("acl");
  guard_counters counters;
  known_clients clients;
  test::recording_port port;
  acl_config config{};
  std::unique_ptr<file_backed> file = make_file();

  std::unique_ptr<file_backed> make_file() {
    config.file = path;
    return make_acl_file(config, counters, clients);
  }

  mqtt::expected<void, std::string> load(mqtt::bytes_view text) {
    REQUIRE(replace_text_file(path, text));
    return file->load(port);
  }

  [[nodiscard]] outcome publish(mqtt::bytes_view topic_name) const {
    publish_request asked;
    asked.client.id.client_id = "me";
    asked.topic_name = topic_name;
    return port.evaluator()->auth_on_publish(asked).result;
  }

  [[nodiscard]] subscribe_verdict subscribe(const entries& topics) const {
    subscribe_request asked;
    asked.client.id.client_id = "me";
    asked.topics = topics;
    return port.evaluator()->auth_on_subscribe(asked);
  }
};

} // namespace

TEST_CASE("the ACL plugin answers publishing by its rules") {
  fixture on;
  REQUIRE(on.load("topic a/#\ndeny write a/no\n"));
  CHECK(on.publish("a/x") == outcome::ok);
  CHECK(on.publish("b") == outcome::next);
  CHECK(on.publish("a/no") == outcome::error);
  CHECK(on.counters.value(guard_fact::acl_denied) == 1);
}

TEST_CASE("a SUBSCRIBE is allowed when all of its filters are, else left") {
  fixture on;
  REQUIRE(on.load("topic a/#\n"));
  CHECK(on.subscribe({{"a/x", {}}, {"a/#", {}}}).result == outcome::ok);
  CHECK(on.subscribe({{"a/x", {}}, {"b", {}}}).result == outcome::next);
}

TEST_CASE("filters that are denied are refused one by one") {
  fixture on;
  REQUIRE(on.load("topic a/#\ndeny read a/no\n"));
  const auto said = on.subscribe(
    {{"a/x", {.quality = mqtt::qos::at_least_once}}, {"a/no", {}}});
  CHECK(said.result == outcome::ok);
  REQUIRE(said.modifiers);
  REQUIRE(said.modifiers->topics.size() == 2);
  CHECK(said.modifiers->topics[0].code == mqtt::reason_code::granted_qos_1);
  CHECK(said.modifiers->topics[1].code == mqtt::reason_code::not_authorized);
  CHECK(on.subscribe({{"a/no", {}}}).result == outcome::error);
  CHECK(on.subscribe({{"a/no", {}}, {"b", {}}}).result == outcome::error);
}

TEST_CASE("a broken ACL file leaves the rules in force, and says where") {
  fixture on;
  REQUIRE(on.load("topic a\n"));
  const auto broken = on.load("topic a\ntopic b\nnonsense\n");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().starts_with(on.path + ":3: "));
  CHECK(on.port.count() == 1);
  CHECK(on.publish("a") == outcome::ok);
  CHECK(on.publish("b") == outcome::next);
}

TEST_CASE("without an ACL file nobody is told anything; one that goes is "
          "missed") {
  fixture on;
  REQUIRE(on.file->load(on.port));
  CHECK(on.publish("a") == outcome::next);
  REQUIRE(on.load("topic a\n"));
  std::filesystem::remove(on.path);
  CHECK_FALSE(on.file->load(on.port));
  CHECK(on.publish("a") == outcome::ok);
}

TEST_CASE("clients are remembered only where subscriptions are revoked") {
  fixture on;
  REQUIRE(on.load("topic a\n"));
  CHECK(on.port.evaluator()->hooks() == acl_hooks(false));
  on.config.revoke_subscriptions = true;
  on.file = on.make_file();
  REQUIRE(on.load("topic a\n"));
  const auto guard = on.port.evaluator();
  CHECK(guard->hooks() == acl_hooks(true));
  register_request told;
  told.client.id.client_id = "me";
  guard->on_register(told);
  CHECK(on.clients.all().size() == 1);
  session_event event;
  event.id.client_id = "me";
  guard->on_client_gone(event);
  CHECK(on.clients.all().empty());
}

} // namespace acl_plugin_test
