#include "plugins/guards/guards.hpp"

#include "plugins/files/text_file.hpp"
#include "test/support/node_fixture.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <string>

namespace guards_test {

using namespace hetzel;
using hetzel::test::node_fixture;
using hetzel::test::node_probe;
using mqtt::reason_code;

namespace {

struct acl_node {
  explicit acl_node(const std::string& rules) { write(rules); }

  void write(const std::string& rules) {
    REQUIRE(plugins::replace_text_file(folder.path("acl"), rules));
  }

  [[nodiscard]] node::node_config config() const {
    auto made = test::open_node_config();
    made.guards.acl.chosen.is_on = true;
    made.guards.acl.file = folder.path("acl");
    return made;
  }

  test::temporary_directory folder;
};

bool may_publish(test::messaging_client& client, std::string_view topic) {
  return client.publish(topic, "x") != reason_code::not_authorized;
}

} // namespace

TEST_CASE("a node keeps to its ACL file from the first client on") {
  acl_node rules{"topic open/#\n"};
  node_fixture node{rules.config()};
  auto client = node.client("c");
  CHECK(may_publish(client, "open/a"));
  CHECK_FALSE(may_publish(client, "secret/a"));
}

TEST_CASE("files of guards are read again at a reload, changed or not") {
  acl_node rules{"topic open/#\n"};
  auto config = rules.config();
  config.guards.acl.reload_interval = std::chrono::seconds{0};
  node_fixture node{config};
  auto client = node.client("c");
  rules.write("topic other/#\n");
  node.running.reload(config);
  CHECK(node_probe::eventually([&] { return may_publish(client, "other/a"); }));
  CHECK_FALSE(may_publish(client, "open/a"));
}

TEST_CASE("a client that is banned while the node runs is refused") {
  node_fixture node;
  node.client("c").ping();
  REQUIRE(node.running.guards().bans().add(
    {plugins::ban::target::client_id, "c", {}, "test"}));
  CHECK_THROWS(node.client("c").ping());
  node.client("d").ping();
}

} // namespace guards_test
