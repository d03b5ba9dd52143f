#include "protocol/session/session.hpp"

#include "test/support/session_model_client.hpp"
#include "test/support/session_stage.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>

namespace session_model_test {

/// The session core against a model of MQTT: a client that keeps the rules,
/// over a line that breaks, while the broker delivers and answers whenever it
/// likes. `session_judge` sees to each packet; here it is what arrives in the
/// end. A seed makes a run; one that fails is named.
///
///   HETZEL_MODEL_SECONDS=600   go on with new seeds for so long
///   HETZEL_MODEL_SEED=7        this run alone, each step told

using namespace hetzel::mqtt;
using namespace hetzel::test;

namespace {

constexpr unsigned usual_runs = 1000;
constexpr int steps_per_run = 600;

constexpr qos qualities[]
  = {qos::at_most_once, qos::at_least_once, qos::exactly_once};

/// Limits that are easily reached.
session_limits small_limits(std::uint32_t seed) {
  session_limits limits;
  limits.in_flight_max_v3 = static_cast<std::uint16_t>(1 + seed / 2 % 7);
  limits.receive_maximum_server = static_cast<std::uint16_t>(1 + seed / 3 % 6);
  limits.retry_interval = std::chrono::seconds{20};
  return limits;
}

class model_run {
public:
  model_run(std::uint32_t seed, bool is_told)
    : version_(seed % 2 == 0 ? protocol_version::v3_1_1 : protocol_version::v5),
      is_told_(is_told),
      random_(seed),
      client_(version_, seed + 1),
      stage_(small_limits(seed)) {
    if (number(2) == 0)
      stage_.publish_answer.reset();
  }

  void run() {
    reconnect();
    for (int i = 0; i < steps_per_run; ++i) {
      step();
      require(!stage_.has_ended(), "a client that keeps the rules is cut off");
    }
    come_to_rest();
    check_ledgers();
  }

private:
  void step();
  void tell(const char* what) const {
    if (is_told_)
      std::printf("  %s\n", what);
  }
  unsigned number(unsigned limit) {
    return static_cast<unsigned>(random_() % limit);
  }
  qos any_quality() { return qualities[number(3)]; }

  void reconnect();
  void deliver();
  void complete();
  void carry(std::size_t count);
  void change_manners();
  void come_to_rest();
  void check_ledgers() const;

  protocol_version version_;
  bool is_told_;
  std::mt19937 random_;
  model_client client_;
  session_stage stage_;
  unsigned last_number_ = 0;
  std::vector<unsigned> delivered_[3];
};

// What happens most is what a busy line does; breaks are rare enough that
// something is in flight, and often enough that resuming is resumed.
void model_run::step() {
  auto dice = number(100);
  if (dice < 22)
    return deliver();
  if (dice < 46)
    return carry(1 + number(40));
  if (dice < 62) {
    tell("client reads");
    client_.read_one();
  } else if (dice < 76) {
    tell("client acknowledges");
    client_.acknowledge_one();
  } else if (dice < 86) {
    tell("client publishes");
    client_.publish(any_quality());
  } else if (dice < 92) {
    complete();
  } else if (dice < 97) {
    change_manners();
  } else if (dice < 98) {
    tell("time passes");
    stage_.advance(std::chrono::seconds{number(25)});
  } else {
    reconnect();
  }
}

void model_run::reconnect() {
  tell("the line breaks");
  client_.lose_line();
  stage_.break_transport();
  client_.connect(static_cast<std::uint16_t>(1 + number(9)));
}

void model_run::deliver() {
  auto quality = any_quality();
  auto payload = std::to_string(last_number_ + 1);
  message_fields fields;
  fields.topic_name = "down";
  fields.payload = payload;
  if (!stage_.deliver({message::make(fields), {}, 0, quality, false}))
    return;
  tell("broker delivers");
  delivered_[static_cast<std::size_t>(quality)].push_back(++last_number_);
}

// 3.x cannot be refused.
void model_run::complete() {
  tell("broker answers");
  auto is_refused = version_ == protocol_version::v5 && number(4) == 0;
  stage_.complete_publish(number(100), is_refused
                                         ? reason_code::quota_exceeded
                                         : reason_code::success);
  stage_.complete_request(reason_code::success);
}

void model_run::carry(std::size_t count) {
  tell("bytes arrive");
  stage_.receive(client_.next_bytes(count));
  client_.carry(stage_.take_output());
}

void model_run::change_manners() {
  tell("manners change");
  switch (number(8)) {
  case 0:
    return stage_.hold(true);
  case 1:
    return stage_.hold(false);
  case 2:
    stage_.publish_answer.reset();
    return;
  case 3:
    stage_.publish_answer = reason_code::success;
    return;
  case 4:
    stage_.answers_requests = number(2) == 0;
    return client_.subscribe();
  case 5:
    stage_.holds = number(4) == 0;
    return;
  case 6:
    return client_.ping();
  default:
    return client_.acknowledge_nothing();
  }
}

// The line holds and everybody does what is due, until nothing is.
void model_run::come_to_rest() {
  tell("all come to rest");
  stage_.publish_answer = reason_code::success;
  stage_.answers_requests = true;
  stage_.holds = false;
  reconnect();
  for (int i = 0; i < 10'000; ++i) {
    stage_.hold(false);
    stage_.complete_publish(0, reason_code::success);
    stage_.complete_request(reason_code::success);
    carry(1000);
    while (client_.read_one()) {
    }
    while (client_.acknowledge_one()) {
    }
    if (client_.is_idle() && stage_.unsettled() == 0
        && client_.unsettled() == 0)
      return;
  }
  require(false, "something is never acknowledged");
}

/// Whether `part` is `whole` with gaps, in its order.
bool is_part(const std::vector<unsigned>& part,
             const std::vector<unsigned>& whole) {
  auto at = whole.begin();
  for (auto number : part) {
    at = std::find(at, whole.end(), number);
    if (at == whole.end())
      return false;
    ++at;
  }
  return true;
}

std::vector<unsigned> without(std::vector<unsigned> numbers,
                              const std::set<unsigned>& left_out) {
  std::erase_if(numbers, [&](unsigned number) {
    return left_out.count(number) != 0;
  });
  return numbers;
}

/// What was routed of one QoS; `once`: the first time only.
struct routed_numbers {
  std::vector<unsigned> accepted;
  std::set<unsigned> refused;

  routed_numbers(const session_stage& stage, qos quality, bool once) {
    std::set<unsigned> known;
    for (const auto& route : stage.routes()) {
      auto number = number_of(route.payload);
      if (route.quality != quality)
        continue;
      if (route.code && is_error(*route.code))
        refused.insert(number);
      else if (!once || known.insert(number).second)
        accepted.push_back(number);
    }
  }
};

void model_run::check_ledgers() const {
  // From the broker to the client.
  require(is_part(client_.received(qos::at_most_once), delivered_[0]),
          "QoS 0 out: out of order, or twice");
  require(client_.received(qos::at_least_once) == delivered_[1],
          "QoS 1 out: lost, or out of order");
  require(client_.received(qos::exactly_once) == delivered_[2],
          "QoS 2 out: lost, twice, or out of order");
  // From the client to the broker. One that was refused may come again.
  routed_numbers zero{stage_, qos::at_most_once, false};
  routed_numbers one{stage_, qos::at_least_once, true};
  routed_numbers two{stage_, qos::exactly_once, false};
  require(is_part(zero.accepted, client_.sent(qos::at_most_once)),
          "QoS 0 in: out of order, or twice");
  require(without(one.accepted, one.refused)
            == without(client_.sent(qos::at_least_once), one.refused),
          "QoS 1 in: lost, or out of order");
  require(without(two.accepted, two.refused)
            == without(client_.sent(qos::exactly_once), two.refused),
          "QoS 2 in: lost, twice, or out of order");
}

void check_run(std::uint32_t seed, bool is_told) {
  try {
    model_run{seed, is_told}.run();
  } catch (const std::exception& why) {
    FAIL("HETZEL_MODEL_SEED=", seed, ": ", std::string{why.what()});
  }
}

} // namespace

TEST_CASE("whatever client, broker and line do, MQTT's rules hold: windows, "
          "ids, order, QoS 2 exactly once (MQTT 5, 4.3, 4.4, 4.6, 4.9)") {
  if (const auto* seed = std::getenv("HETZEL_MODEL_SEED"))
    return check_run(static_cast<std::uint32_t>(std::stoul(seed)), true);
  std::uint32_t seed = 1;
  for (; seed <= usual_runs; ++seed)
    check_run(seed, false);
  const auto* seconds = std::getenv("HETZEL_MODEL_SECONDS");
  if (seconds == nullptr)
    return;
  auto until = std::chrono::steady_clock::now()
               + std::chrono::seconds{std::stol(seconds)};
  for (; std::chrono::steady_clock::now() < until; ++seed)
    check_run(seed, false);
  MESSAGE("runs up to seed ", seed - 1);
}

} // namespace session_model_test
