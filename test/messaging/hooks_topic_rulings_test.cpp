#include "actors/messaging/hooks/topic_rulings.hpp"

#include <doctest/doctest.h>

#include <array>

namespace hooks_topic_rulings_test {

using namespace hetzel;
using namespace hetzel::messaging;
using mqtt::reason_code;

namespace {

constexpr std::array entries{
  mqtt::subscribe_entry{"a", {.quality = mqtt::qos::at_least_once}},
  mqtt::subscribe_entry{"#/bad", {}},
  mqtt::subscribe_entry{"c", {.quality = mqtt::qos::exactly_once}}};
constexpr std::array codes{reason_code::granted_qos_1,
                           reason_code::topic_filter_invalid,
                           reason_code::granted_qos_2};

/// What was ruled refers to what was said.
struct chosen {
  explicit chosen(std::vector<plugins::topic_choice> topics)
    : said(plugins::subscribe_verdict::ok({std::move(topics)})),
      ruled(rule(entries, codes, said)) {}

  plugins::subscribe_verdict said;
  ruled_subscribe ruled;
};

} // namespace

TEST_CASE("a SUBSCRIBE that is allowed stays as it is") {
  const auto made = rule(entries, codes, plugins::subscribe_verdict::ok());
  CHECK(made.codes == std::vector(codes.begin(), codes.end()));
  CHECK(made.entries.size() == 3);
}

TEST_CASE("a refusal is about the filters that were judged, with a code that "
          "SUBACK has") {
  using verdict = plugins::subscribe_verdict;
  const std::vector refused{reason_code::not_authorized,
                            reason_code::topic_filter_invalid,
                            reason_code::not_authorized};
  CHECK(rule(entries, codes, verdict::error()).codes == refused);
  CHECK(rule(entries, codes, verdict::next()).codes == refused);
  CHECK(rule(entries, codes,
             verdict::error(reason_code::client_identifier_not_valid))
          .codes
        == refused);
  CHECK(rule(entries, codes, verdict::error(reason_code::quota_exceeded))
          .codes[0]
        == reason_code::quota_exceeded);
}

TEST_CASE("a list replaces the filters in their order, each granted or "
          "refused") {
  const chosen both{{{"x", reason_code::success, {}},
                     {"y", reason_code::unspecified_error, {}}}};
  const auto& made = both.ruled;
  CHECK(made.entries[0].topic_filter == "x");
  CHECK(made.entries[0].options.quality == mqtt::qos::at_most_once);
  CHECK(made.codes[0] == reason_code::success);
  CHECK(made.codes[1] == reason_code::topic_filter_invalid);
  CHECK(made.entries[2].topic_filter == "y");
  CHECK(made.codes[2] == reason_code::unspecified_error);
}

TEST_CASE("SUBACK has a code for each filter of the client, whatever the list "
          "says [MQTT-3.8.4-5]") {
  const chosen one{{{"x", reason_code::success, {}}}};
  const auto& fewer = one.ruled;
  CHECK(fewer.codes.size() == 3);
  CHECK(fewer.codes[2] == reason_code::not_authorized);
  const chosen three{{{"x", reason_code::success, {}},
                      {"y", reason_code::success, {}},
                      {"z", reason_code::granted_qos_1, {}}}};
  const auto& more = three.ruled;
  CHECK(more.entries.size() == 4);
  CHECK(more.entries[3].topic_filter == "z");
  CHECK(more.entries[3].options.quality == mqtt::qos::at_least_once);
}

TEST_CASE("an UNSUBSCRIBE is changed by a list alone") {
  using verdict = plugins::unsubscribe_verdict;
  const std::array<mqtt::bytes_view, 2> asked{"a", "b"};
  const std::vector<mqtt::bytes_view> same{"a", "b"};
  CHECK(rule(asked, verdict::next()) == same);
  CHECK(rule(asked, verdict::error()) == same);
  const auto said = verdict::ok({{"c"}});
  CHECK(rule(asked, said) == std::vector<mqtt::bytes_view>{"c"});
}

} // namespace hooks_topic_rulings_test
