#include "actors/messaging/hooks/gatekeeper.hpp"
#include "actors/messaging/hooks/hook_auth.hpp"
#include "actors/messaging/hooks/hook_caller.hpp"

#include "actors/messaging/hooks/decision.hpp"
#include "actors/messaging/hooks/identity.hpp"
#include "test/support/hooked_node.hpp"

#include "protocol/property_writer.hpp"

#include <doctest/doctest.h>

#include <caf/actor_cast.hpp>

#include <stdexcept>
#include <thread>
#include <utility>

namespace hooks_connect_test {

using namespace std::chrono_literals;
using namespace hetzel;
using namespace hetzel::messaging;
using hetzel::test::hook_actor_script;
using hetzel::test::hooked_node;
using hetzel::test::node_probe;
using hetzel::test::scripted_evaluator;
using mqtt::reason_code;
using plugins::hook;

namespace {

constexpr auto v3_1_1 = mqtt::protocol_version::v3_1_1;

test::client_options jules(mqtt::protocol_version version
                           = mqtt::protocol_version::v5) {
  test::client_options made;
  made.client_id = "c";
  made.version = version;
  made.user_name = "jules";
  made.password = "secret";
  return made;
}

std::shared_ptr<scripted_evaluator> password_table() {
  auto made = std::make_shared<scripted_evaluator>();
  made->registering = [](const plugins::register_request& asked) {
    using verdict = plugins::register_verdict;
    if (asked.client.user_name != mqtt::bytes_view{"jules"})
      return verdict::next();
    return asked.password == mqtt::bytes_view{"secret"}
             ? verdict::ok()
             : verdict::error(reason_code::bad_user_name_or_password);
  };
  return made;
}

reason_code connect(hooked_node& node, const test::client_options& options) {
  test::messaging_client client{node.port()};
  return client.connect(options).code;
}

} // namespace

TEST_CASE("without anonymous access the providers decide who comes in; nobody "
          "knows him: refused") {
  hooked_node node{live_config{}};
  node.use({hook::auth_on_register}, password_table());
  CHECK(connect(node, jules()) == reason_code::success);
  auto wrong = jules();
  wrong.password = "guess";
  CHECK(connect(node, wrong) == reason_code::bad_user_name_or_password);
  auto stranger = jules();
  stranger.user_name = "nemo";
  CHECK(connect(node, stranger) == reason_code::bad_user_name_or_password);
  CHECK(node.count(hook::auth_on_register, &hook_counters::of_hook::calls)
        == 3);
  CHECK(node.count(hook::auth_on_register, &hook_counters::of_hook::refusals)
        == 2);
}

TEST_CASE("a 3.1.1 client hears 4 for its credentials, 5 for all else "
          "(spec 2)") {
  hooked_node node{live_config{}};
  node.use({hook::auth_on_register}, password_table());
  auto wrong = jules(v3_1_1);
  wrong.password = "guess";
  CHECK(mqtt::connack_return_code(connect(node, wrong)) == 4);
  auto stranger = jules(v3_1_1);
  stranger.user_name = "nemo";
  CHECK(mqtt::connack_return_code(connect(node, stranger)) == 5);
}

TEST_CASE("where anonymous clients are admitted nobody is asked, whoever "
          "comes (spec config 2)") {
  hooked_node node;
  node.use({hook::auth_on_register}, password_table());
  auto wrong = jules();
  wrong.password = "guess";
  CHECK(connect(node, wrong) == reason_code::success);
  CHECK(node.count(hook::auth_on_register, &hook_counters::of_hook::calls)
        == 0);
}

TEST_CASE("a provider that throws refuses, and the gate goes on") {
  hooked_node node{live_config{}};
  auto broken = std::make_shared<scripted_evaluator>();
  broken->registering
    = [](const plugins::register_request&) -> plugins::register_verdict {
    throw std::runtime_error{"broken"};
  };
  node.use({hook::auth_on_register}, broken);
  CHECK(connect(node, jules()) == reason_code::bad_user_name_or_password);
  CHECK(node.count(hook::auth_on_register, &hook_counters::of_hook::errors)
        == 1);
  node.use({hook::auth_on_register}, password_table());
  CHECK(connect(node, jules()) == reason_code::success);
}

TEST_CASE("a provider may give a client another identity, user name and "
          "Session") {
  hooked_node node{live_config{}};
  auto script = std::make_shared<scripted_evaluator>();
  script->registering = [](const plugins::register_request&) {
    plugins::register_modifiers changes;
    changes.identity = plugins::subscriber_id{"tenant", "other"};
    changes.user_name = "verne";
    changes.session_expiry_interval = 60s;
    changes.user_properties = {{"welcome", "back"}};
    return plugins::register_verdict::ok(std::move(changes));
  };
  test::notes heard;
  script->publishing = [&](const plugins::publish_request& asked) {
    heard.add(std::string{asked.client.id.mountpoint} + '/'
              + std::string{asked.client.id.client_id} + ' '
              + std::string{asked.client.user_name.value_or("")});
    return plugins::publish_verdict::ok();
  };
  node.use({hook::auth_on_register, hook::auth_on_publish}, script);
  test::messaging_client client{node.port()};
  const auto answer = client.connect(jules());
  CHECK(answer.code == reason_code::success);
  const mqtt::property_view properties{answer.properties};
  CHECK(properties.integer(mqtt::property_id::session_expiry_interval)
        == 60U);
  CHECK(properties.find(mqtt::property_id::user_property)->value == "back");
  CHECK(!properties.find(mqtt::property_id::assigned_client_identifier));
  client.publish("t", "x");
  CHECK(heard.has("tenant/other verne"));
  client.close();
  CHECK(client.connect(jules()).session_present == false);
  auto again = jules();
  again.clean_start = false;
  client.close();
  CHECK(client.connect(again).session_present);
}

TEST_CASE("modifiers that are not valid refuse the client") {
  hooked_node node{live_config{}};
  auto script = std::make_shared<scripted_evaluator>();
  script->registering = [](const plugins::register_request&) {
    plugins::register_modifiers changes;
    changes.identity = plugins::subscriber_id{"tenant", ""};
    return plugins::register_verdict::ok(std::move(changes));
  };
  node.use({hook::auth_on_register}, script);
  CHECK(connect(node, jules()) == reason_code::bad_user_name_or_password);
  CHECK(node.count(hook::auth_on_register, &hook_counters::of_hook::errors)
        == 1);
}

TEST_CASE("a refusal of 5.0 carries code, Reason String and Server "
          "Reference") {
  hooked_node node{live_config{}};
  auto script = std::make_shared<scripted_evaluator>();
  script->registering = [](const plugins::register_request&) {
    return plugins::register_verdict::error(reason_code::use_another_server,
                                            {"full", "elsewhere"});
  };
  node.use({hook::auth_on_register}, script);
  test::messaging_client client{node.port()};
  const auto answer = client.connect(jules());
  CHECK(answer.code == reason_code::use_another_server);
  const mqtt::property_view properties{answer.properties};
  CHECK(properties.value(mqtt::property_id::reason_string)
        == mqtt::bytes_view{"full"});
  CHECK(properties.value(mqtt::property_id::server_reference)
        == mqtt::bytes_view{"elsewhere"});
}

TEST_CASE("a connection ends when its lifetime is over (0xA0)") {
  hooked_node node{live_config{}};
  auto script = std::make_shared<scripted_evaluator>();
  script->registering = [](const plugins::register_request&) {
    plugins::register_modifiers changes;
    changes.max_connection_lifetime = 1s;
    return plugins::register_verdict::ok(std::move(changes));
  };
  node.use({hook::auth_on_register}, script);
  auto client = node.client(jules());
  CHECK(client.wait_closed() == reason_code::maximum_connect_time);
}

// -- providers that answer later ----------------------------------------------

TEST_CASE("a provider that is an actor is waited for") {
  hooked_node node{live_config{}};
  const auto script = std::make_shared<hook_actor_script>();
  script->answer = [](const plugins::hook_call& call) {
    const auto& asked = call.get<plugins::register_request>();
    return plugins::answer(
      asked.password == mqtt::bytes_view{"secret"}
        ? plugins::register_verdict::ok()
        : plugins::register_verdict::error(reason_code::banned));
  };
  node.use({node.actor("slow", {hook::auth_on_register}, script)});
  CHECK(connect(node, jules()) == reason_code::success);
  auto wrong = jules();
  wrong.password = "guess";
  CHECK(connect(node, wrong) == reason_code::banned);
}

TEST_CASE("a chain goes on behind an actor that says next") {
  hooked_node node{live_config{}};
  const auto script = std::make_shared<hook_actor_script>();
  script->answer = [](const plugins::hook_call&) {
    return plugins::answer(plugins::register_verdict::next());
  };
  auto table = password_table();
  table->named = {hook::auth_on_register};
  node.use({node.actor("a", {hook::auth_on_register}, script),
            plugins::make_provider("b", {}, table)});
  CHECK(connect(node, jules()) == reason_code::success);
}

TEST_CASE("no answer in time is a refusal, or what the offer says") {
  hooked_node node{live_config{}};
  const auto silent = std::make_shared<hook_actor_script>();
  auto whom = node.actor("slow", {hook::auth_on_register}, silent, 20ms);
  node.use({whom});
  CHECK(connect(node, jules()) == reason_code::bad_user_name_or_password);
  CHECK(node.count(hook::auth_on_register, &hook_counters::of_hook::timeouts)
        == 1);
  auto lenient = std::make_shared<plugins::provider>(*whom);
  lenient->elsewhere->on_timeout = plugins::outcome::ok;
  node.use({lenient});
  CHECK(connect(node, jules()) == reason_code::success);
}

TEST_CASE("an actor that is dead, or whose asker dies, refuses at once") {
  hooked_node node{live_config{}};
  const auto silent = std::make_shared<hook_actor_script>();
  node.use({node.actor("slow", {hook::auth_on_register}, silent, 10min)});
  test::messaging_client waiting{node.port()};
  std::thread other{[&] {
    CHECK(node_probe::eventually([&] {
      static_cast<void>(node.probe.tree());
      return !silent->heard().empty();
    }));
    for (std::size_t i = 0; i < 2; ++i)
      CHECK(node.restart("messaging.hook_caller", i));
  }};
  CHECK(waiting.connect(jules()).code
        == reason_code::bad_user_name_or_password);
  other.join();
  node_probe::kill(
    caf::actor_cast<caf::strong_actor_ptr>(node.actors.front()));
  CHECK(connect(node, jules()) == reason_code::bad_user_name_or_password);
}

TEST_CASE("what a client sends behind its CONNECT waits with it") {
  hooked_node node{live_config{}};
  const auto script = std::make_shared<hook_actor_script>();
  script->answer = [](const plugins::hook_call&) {
    return plugins::answer(plugins::register_verdict::ok());
  };
  node.use({node.actor("slow", {hook::auth_on_register}, script)});
  auto client = node.client(jules());
  client.subscribe("t", {mqtt::qos::at_least_once});
  client.publish("t", "through");
  CHECK(client.next().payload == "through");
}

// -- the will -----------------------------------------------------------------

TEST_CASE("a will that may not be published refuses the client") {
  hooked_node node;
  auto script = std::make_shared<scripted_evaluator>();
  script->publishing = [](const plugins::publish_request& asked) {
    return asked.is_will && asked.topic_name == "secret"
             ? plugins::publish_verdict::error()
             : plugins::publish_verdict::ok();
  };
  node.use({hook::auth_on_publish}, script);
  auto options = jules();
  options.will = {.topic_name = "secret", .payload = "x"};
  CHECK(connect(node, options) == reason_code::not_authorized);
  options.will->topic_name = "open";
  CHECK(connect(node, options) == reason_code::success);
}

TEST_CASE("a will goes out as it was changed, and is told of") {
  hooked_node node;
  test::notes heard;
  auto script = std::make_shared<scripted_evaluator>();
  script->publishing = [](const plugins::publish_request& asked) {
    plugins::publish_modifiers changes;
    if (asked.is_will)
      changes.topic_name = "changed";
    return plugins::publish_verdict::ok(std::move(changes));
  };
  script->told = [&](std::string_view name, mqtt::bytes_view subject) {
    heard.add(std::string{name} + ' ' + std::string{subject});
  };
  node.use({hook::auth_on_publish, hook::on_publish}, script);
  auto watcher = node.client("watcher");
  watcher.subscribe("changed", {mqtt::qos::at_most_once});
  auto options = jules();
  options.will = {.topic_name = "t", .payload = "gone"};
  auto client = node.client(options);
  client.close();
  CHECK(watcher.next().payload == "gone");
  CHECK(
    node_probe::eventually([&] { return heard.has("on_publish changed"); }));
}

// -- enhanced authentication --------------------------------------------------

TEST_CASE("on_auth leads an exchange step by step, with a state of the "
          "client's own; its success is enough (spec 3)") {
  struct step_state final : plugins::auth_state {};
  hooked_node node{live_config{}};
  auto script = std::make_shared<scripted_evaluator>();
  script->authenticating = [](const plugins::auth_request& asked,
                              plugins::auth_state_ptr& state) {
    using verdict = plugins::auth_verdict;
    if (asked.method != "TEST")
      return verdict::next();
    plugins::auth_modifiers answer;
    if (!state) {
      state = std::make_unique<step_state>();
      answer.code = reason_code::continue_authentication;
      answer.data = "go on";
      return verdict::ok(std::move(answer));
    }
    if (asked.data != "right")
      return verdict::error(reason_code::not_authorized);
    answer.user_name = "proved";
    return verdict::ok(std::move(answer));
  };
  test::notes heard;
  script->publishing = [&](const plugins::publish_request& asked) {
    heard.add(std::string{asked.client.user_name.value_or("")});
    return plugins::publish_verdict::ok();
  };
  node.use({hook::on_auth, hook::auth_on_publish}, script);
  test::client_options options;
  options.client_id = "c";
  options.auth_method = "TEST";
  const auto authenticate = [&](std::string_view data,
                                test::messaging_client& client) {
    const auto challenge = client.connect(options);
    CHECK(challenge.type == mqtt::packet_type::auth);
    std::string coded;
    mqtt::property_writer{coded}
      .value(mqtt::property_id::authentication_method, "TEST")
      .value(mqtt::property_id::authentication_data, data);
    client.send(mqtt::auth{reason_code::continue_authentication,
                           mqtt::property_view{coded}});
    return client.expect(mqtt::packet_type::connack).code;
  };
  test::messaging_client client{node.port()};
  CHECK(authenticate("wrong", client) == reason_code::not_authorized);
  CHECK(authenticate("right", client) == reason_code::success);
  client.publish("t", "x");
  CHECK(heard.has("proved"));
  options.auth_method = "OTHER";
  CHECK(client.connect(options).code
        == reason_code::bad_authentication_method);
}

TEST_CASE("a step of enhanced authentication may be an actor's to answer") {
  hooked_node node{live_config{}};
  const auto script = std::make_shared<hook_actor_script>();
  script->answer = [](const plugins::hook_call& call) {
    const auto& asked = call.get<plugins::auth_request>();
    return plugins::answer(asked.data == "token"
                             ? plugins::auth_verdict::ok()
                             : plugins::auth_verdict::error());
  };
  node.use({node.actor("slow", {hook::on_auth}, script)});
  test::client_options options;
  options.client_id = "c";
  options.auth_method = "TOKEN";
  options.auth_data = "token";
  CHECK(connect(node, options) == reason_code::success);
  options.auth_data = "forged";
  CHECK(connect(node, options) == reason_code::not_authorized);
}

} // namespace hooks_connect_test
