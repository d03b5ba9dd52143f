#include "test/load/options.hpp"

#include "test/load/traffic_plan.hpp"

#include <doctest/doctest.h>

#include <utility>
#include <variant>
#include <vector>

namespace options_test {

using namespace hetzel::test::load;

namespace {

std::variant<options, usage_exit> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "hetzel-bench");
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

options parsed(std::vector<const char*> arguments) {
  const auto result = parse(std::move(arguments));
  REQUIRE(std::holds_alternative<options>(result));
  return std::get<options>(result);
}

} // namespace

TEST_CASE("a scenario alone is a whole command line") {
  const auto chosen = parsed({"fanout"});
  CHECK(chosen.kind == scenario::fanout);
  CHECK(chosen.clients == 100);
  CHECK(chosen.window == 500);
  CHECK(chosen.quality == hetzel::mqtt::qos::at_most_once);
  CHECK(chosen.version == hetzel::mqtt::protocol_version::v3_1_1);
  CHECK_FALSE(chosen.topic_prefix.empty());
}

TEST_CASE("options may stand before and after the scenario") {
  const auto chosen
    = parsed({"--qos", "2", "pairs", "--version", "5", "--clients", "7"});
  CHECK(chosen.quality == hetzel::mqtt::qos::exactly_once);
  CHECK(chosen.version == hetzel::mqtt::protocol_version::v5);
  CHECK(chosen.clients == 7);
  CHECK(chosen.window == 100);
}

TEST_CASE("many publishers of one subscriber share what may be under way") {
  CHECK(parsed({"fanin", "--clients", "100"}).window == 10);
  CHECK(parsed({"fanin", "--clients", "5000"}).window == 1);
  CHECK(parsed({"fanin", "--clients", "100", "--window", "50"}).window == 50);
}

TEST_CASE("a run by count is measured from its first message") {
  CHECK(parsed({"pairs", "--messages", "10"}).warm_up_seconds == 0);
  CHECK(parsed({"pairs", "--messages", "10", "--warmup", "2"}).warm_up_seconds
        == 2);
  CHECK(parsed({"pairs"}).warm_up_seconds == 1);
}

TEST_CASE("resuming TLS sessions is TLS") {
  CHECK_FALSE(parsed({"pairs"}).tls);
  CHECK(parsed({"pairs", "--tls"}).tls);
  CHECK_FALSE(parsed({"pairs", "--tls"}).tls_resume);
  CHECK(parsed({"connect", "--tls-resume"}).tls);
  CHECK(parsed({"connect", "--connect-rate", "2000"}).connect_rate == 2'000);
  CHECK(parsed({"connect", "--drop"}).is_dropping);
}

TEST_CASE("offline needs QoS 1 at least: QoS 0 is not kept for the absent") {
  CHECK(parsed({"offline"}).quality == hetzel::mqtt::qos::at_least_once);
  CHECK(parsed({"offline"}).messages == 1000);
}

TEST_CASE("a wrong command line is told apart from a call for help") {
  const std::vector<std::vector<const char*>> wrong{
    {},
    {"nonsense"},
    {"pairs", "--qos", "3"},
    {"pairs", "--size", "15"},
    {"pairs", "--seconds", "1", "--messages", "1"},
    {"pairs", "--window", "70000"}};
  for (const auto& arguments : wrong) {
    const auto result = parse(arguments);
    REQUIRE(std::holds_alternative<usage_exit>(result));
    CHECK(std::get<usage_exit>(result).code == 2);
  }
  const auto help = parse({"--help"});
  REQUIRE(std::holds_alternative<usage_exit>(help));
  CHECK(std::get<usage_exit>(help).code == 0);
}

TEST_CASE("sessions last only where it is asked for") {
  CHECK_FALSE(parsed({"pairs"}).is_persistent);
  CHECK(parsed({"rate", "--persistent"}).is_persistent);
}

TEST_CASE("each plan says who hears whom") {
  const auto pairs = plan_traffic(parsed({"pairs", "--clients", "3"}));
  CHECK(pairs.publishers.size() == 3);
  CHECK(pairs.subscribers[2].topic_filter == pairs.publishers[2].topic_name);
  CHECK(pairs.subscribers[2].publisher_first == 2);

  const auto fanout = plan_traffic(parsed({"fanout", "--clients", "3"}));
  CHECK(fanout.publishers.size() == 1);
  CHECK(fanout.subscribers.size() == 3);
  CHECK(fanout.deliveries_per_message == 3);

  const auto fanin = plan_traffic(parsed({"fanin", "--clients", "3"}));
  CHECK(fanin.publishers.size() == 3);
  CHECK(fanin.subscribers.size() == 1);
  CHECK(fanin.subscribers[0].publisher_count == 3);

  const auto shared
    = plan_traffic(parsed({"shared", "--clients", "3", "--members", "2"}));
  CHECK(shared.subscribers.size() == 2);
  CHECK(shared.is_shared);
  CHECK(shared.subscribers[1].topic_filter.rfind("$share/", 0) == 0);
}

} // namespace options_test
