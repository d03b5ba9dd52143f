#include "plugins/jwt/jwt_plugin.hpp"

#include "plugins/files/text_file.hpp"
#include "test/support/jwt_signer.hpp"
#include "test/support/recording_port.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <span>
#include <string>

namespace jwt_plugin_test {

using namespace std::chrono_literals;
using namespace hetzel;
using namespace hetzel::plugins;
using mqtt::reason_code;

namespace {

struct fixture {
  test::jwt_signer issuer{jwt_algorithm::es256};
  guard_counters counters;
  evaluator_ptr guard = make_jwt_evaluator(rules(), &now, counters);

  [[nodiscard]] std::shared_ptr<const jwt_rules> rules() const {
    auto made = std::make_shared<jwt_rules>();
    made->keys.keys.push_back(issuer.key());
    return made;
  }

  static std::chrono::system_clock::time_point now() {
    return std::chrono::system_clock::time_point{1'800'000'000s};
  }

  [[nodiscard]] std::string token(const std::string& more = {}) const {
    return issuer.token(R"({"exp":1800000100,"sub":"ann")" + more + "}");
  }

  [[nodiscard]] register_verdict connect(mqtt::bytes_view password) const {
    register_request asked;
    asked.password = password;
    return guard->auth_on_register(asked);
  }

  [[nodiscard]] auth_verdict renew(mqtt::bytes_view token) const {
    auth_request asked;
    asked.method = jwt_method;
    asked.data = token;
    auth_state_ptr state;
    return guard->on_auth(asked, state);
  }
};

} // namespace

TEST_CASE("a token in the place of the password admits, for as long as it "
          "lasts") {
  const fixture on;
  const auto said = on.connect(on.token());
  CHECK(said.result == outcome::ok);
  REQUIRE(said.modifiers);
  CHECK(said.modifiers->user_name == "ann");
  CHECK(said.modifiers->max_connection_lifetime == 130s);
}

TEST_CASE("a bad token is refused; what is no token is left to others") {
  const fixture on;
  const auto bad = on.connect(
    test::jwt_signer{jwt_algorithm::es256}.token("{}"));
  CHECK(bad.result == outcome::error);
  CHECK(bad.code == reason_code::bad_user_name_or_password);
  CHECK(on.counters.value(guard_fact::jwt_refused) == 1);
  CHECK(on.connect("secret").result == outcome::next);
  CHECK(on.guard->auth_on_register({}).result == outcome::next);
}

TEST_CASE("the ACL claim decides alone on topics, others are left") {
  const fixture on;
  const auto said
    = on.connect(on.token(R"(,"acl":{"publish":["up/#"],"sub":["down"]})"));
  REQUIRE(said.modifiers);
  REQUIRE(said.modifiers->attachment);
  publish_request publishing;
  publishing.topic_name = "up/x";
  CHECK(on.guard->auth_on_publish(publishing).result == outcome::next);
  publishing.client.attachment = said.modifiers->attachment;
  CHECK(on.guard->auth_on_publish(publishing).result == outcome::ok);
  publishing.topic_name = "down";
  CHECK(on.guard->auth_on_publish(publishing).result == outcome::error);
  const mqtt::subscribe_entry topics[] = {{"down", {}}, {"up/x", {}}};
  subscribe_request subscribing;
  subscribing.topics = topics;
  CHECK(on.guard->auth_on_subscribe(subscribing).result == outcome::next);
  subscribing.client.attachment = said.modifiers->attachment;
  CHECK(on.guard->auth_on_subscribe(subscribing).result == outcome::error);
  subscribing.topics = std::span{topics}.first(1);
  CHECK(on.guard->auth_on_subscribe(subscribing).result == outcome::ok);
}

TEST_CASE("a token is renewed by AUTH") {
  const fixture on;
  const auto said = on.renew(on.token());
  CHECK(said.result == outcome::ok);
  REQUIRE(said.modifiers);
  CHECK(said.modifiers->user_name == "ann");
  CHECK(said.modifiers->max_connection_lifetime == 130s);
  CHECK(on.renew("secret").result == outcome::error);
  auth_request other;
  other.method = "SCRAM-SHA-256";
  auth_state_ptr state;
  CHECK(on.guard->on_auth(other, state).result == outcome::next);
}

TEST_CASE("who has passed the exchange is admitted") {
  const fixture on;
  register_request asked;
  asked.auth_method = jwt_method;
  CHECK(on.guard->auth_on_register(asked).result == outcome::ok);
  asked.auth_method = "SCRAM-SHA-256";
  asked.password = "secret";
  CHECK(on.guard->auth_on_register(asked).result == outcome::next);
}

TEST_CASE("keys come from files, and a broken one leaves the old keys") {
  const test::temporary_directory folder;
  const test::jwt_signer issuer{jwt_algorithm::es256};
  guard_counters counters;
  test::recording_port port;
  const auto files = make_jwt_files({.secret_file = folder.path("secret"),
                                     .key_file = folder.path("keys.pem")},
                                    counters);
  CHECK(files->files().size() == 2);
  REQUIRE(files->load(port));
  REQUIRE(replace_text_file(folder.path("keys.pem"), issuer.pem()));
  REQUIRE(files->load(port));
  CHECK(port.count() == 2);
  REQUIRE(replace_text_file(folder.path("keys.pem"), "nothing\n"));
  const auto broken = files->load(port);
  REQUIRE_FALSE(broken);
  CHECK(broken.error().starts_with(folder.path("keys.pem") + ":1: "));
  CHECK(port.count() == 2);
  register_request asked;
  const auto token = issuer.token(R"({"exp":4000000000,"sub":"ann"})");
  asked.password = token;
  CHECK(port.evaluator()->auth_on_register(asked).result == outcome::ok);
}

} // namespace jwt_plugin_test
