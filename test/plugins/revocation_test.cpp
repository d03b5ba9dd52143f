#include "plugins/acl/revocation.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

namespace revocation_test {

using namespace hetzel;
using namespace hetzel::plugins;

namespace {

/// Keeps what it was asked until the test answers.
struct slow_broker final : broker {
  using answer = std::function<void(std::optional<reauthorized>)>;

  void disconnect(const subscriber_id&, bool,
                  std::function<void(bool)>) override {}
  void reauthorize(const subscriber_id& whom, std::optional<std::string> user,
                   answer done) override {
    asked.push_back(whom.client_id + ":" + user.value_or("-"));
    waiting.push_back(std::move(done));
  }
  void publish(internal_message,
               std::function<void(mqtt::reason_code)>) override {}

  std::vector<std::string> asked;
  std::vector<answer> waiting;
};

client named(mqtt::bytes_view client_id,
             std::optional<mqtt::bytes_view> user = {}) {
  client made;
  made.id.client_id = client_id;
  made.user_name = user;
  return made;
}

} // namespace

TEST_CASE("clients are known from CONNECT to the end of their Session") {
  known_clients clients;
  clients.put(named("a", "ann"));
  clients.put(named("b"));
  clients.put(named("a", "eve"));
  clients.remove({"", "b"});
  REQUIRE(clients.all().size() == 1);
  CHECK(clients.all()[0].id.client_id == "a");
  CHECK(clients.all()[0].user_name == "eve");
}

TEST_CASE("all clients are asked about, a few at a time, and what goes is "
          "counted") {
  slow_broker node;
  guard_counters counters;
  known_clients clients;
  for (int i = 0; i < 200; ++i)
    clients.put(named(std::to_string(i), "u"));
  revoke_subscriptions(node, clients.all(), counters);
  CHECK(node.asked.size() == 64);
  for (std::size_t i = 0; i < node.waiting.size(); ++i) {
    const auto done = node.waiting[i];
    done(i == 0 ? std::nullopt
                : std::optional{reauthorized{{"one", "two"}, {}}});
  }
  CHECK(node.asked.size() == 200);
  CHECK(counters.value(guard_fact::subscription_revoked) == 398);
}

} // namespace revocation_test
