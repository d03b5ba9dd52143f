/// How long does the ACL hold up a PUBLISH and a SUBSCRIBE?
///
/// Budget: ≤ 1 µs per publish with 10,000 rules, whichever rule allows it and
/// when none does, also with rules that deny among them. Of an otherwise idle
/// core; topic names of 30 bytes and five levels.

#include "plugins/acl/acl_index.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace hetzel::plugins {

namespace {

constexpr int rules_count = 10'000;

acl_rules parsed(const std::string& text) {
  return *parse_acl(text);
}

/// Half of the rules for all, and ten for each of 500 users.
std::string many_rules() {
  std::string text;
  for (int i = 0; i < rules_count / 2; ++i)
    text += "topic write site/" + std::to_string(i % 50) + "/line"
            + std::to_string(i / 50) + "/+/state\n";
  for (int user = 0; user < rules_count / 20; ++user) {
    text += "user device-" + std::to_string(user) + "\n";
    for (int i = 0; i < 10; ++i)
      text += "topic device/" + std::to_string(user) + "/channel/"
              + std::to_string(i) + "/#\n";
  }
  return text + "pattern write client/%c/up/#\n";
}

void publish_loop(benchmark::State& state, const std::string& more,
                  mqtt::bytes_view topic_name) {
  const acl_index index{parsed(many_rules() + more).rules};
  const acl_client who{"", "client-000123", "device-321"};
  for (auto _ : state) {
    benchmark::DoNotOptimize(topic_name);
    benchmark::DoNotOptimize(index.may_publish(who, topic_name));
  }
}

/// Another topic name each time, so that no cache holds the way.
void publish_all_loop(benchmark::State& state) {
  const acl_index index{parsed(many_rules()).rules};
  const acl_client who{"", "client-000123", "device-321"};
  std::vector<std::string> names;
  for (int i = 0; i < rules_count / 2; ++i)
    names.push_back("site/" + std::to_string(i * 7 % 50) + "/line"
                    + std::to_string(i % 100) + "/press/state");
  std::size_t at = 0;
  for (auto _ : state) {
    at = at + 1 == names.size() ? 0 : at + 1;
    benchmark::DoNotOptimize(index.may_publish(who, names[at]));
  }
}

void subscribe_loop(benchmark::State& state, const std::string& more,
                    mqtt::bytes_view topic_filter) {
  const acl_index index{parsed(many_rules() + more).rules};
  const acl_client who{"", "client-000123", "device-321"};
  for (auto _ : state) {
    benchmark::DoNotOptimize(topic_filter);
    benchmark::DoNotOptimize(index.may_subscribe(who, topic_filter));
  }
}

constexpr auto of_all = "site/41/line77/press-8/state";
constexpr auto of_user = "device/321/channel/7/value/now";
constexpr auto of_pattern = "client/client-000123/up/status";
constexpr auto of_none = "site/41/line77/press-8/forbidden";
const std::string denials = "deny write device/+/channel/+/reset\n";

BENCHMARK_CAPTURE(publish_loop, rule_for_all, "", of_all);
BENCHMARK_CAPTURE(publish_loop, rule_of_user, "", of_user);
BENCHMARK_CAPTURE(publish_loop, rule_of_pattern, "", of_pattern);
BENCHMARK_CAPTURE(publish_loop, no_rule, "", of_none);
BENCHMARK_CAPTURE(publish_loop, with_denials, denials, of_user);
BENCHMARK(publish_all_loop);
BENCHMARK_CAPTURE(subscribe_loop, one_level, "", "device/321/channel/7/+");
BENCHMARK_CAPTURE(subscribe_loop, with_denials, "deny read x/+/secret\n",
                  "device/321/channel/7/#");

} // namespace

} // namespace hetzel::plugins

BENCHMARK_MAIN();
