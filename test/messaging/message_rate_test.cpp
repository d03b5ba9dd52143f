#include "actors/messaging/message_rate.hpp"

#include <doctest/doctest.h>

namespace message_rate_test {

using namespace hetzel;
using namespace std::chrono_literals;
using messaging::message_rate;

namespace {

constexpr mqtt::time_point start{1000h};

/// Sends as fast as it may for `time`; returns how many packets that were.
int sent_within(message_rate& rate, mqtt::time_point from,
                mqtt::duration time) {
  int sent = 0;
  auto now = from;
  while (now < from + time) {
    ++sent;
    if (!rate.take(now))
      now = rate.next();
  }
  return sent;
}

} // namespace

TEST_CASE("a rate of zero limits nothing") {
  message_rate rate{0};
  for (int i = 0; i < 100'000; ++i)
    REQUIRE(rate.take(start));
}

TEST_CASE("a client that was quiet may send one second's worth at once") {
  message_rate rate{10};
  for (int i = 0; i < 9; ++i)
    CHECK(rate.take(start));
  CHECK(!rate.take(start));
}

TEST_CASE("who used all up may go on when the next token is there") {
  message_rate rate{10};
  while (rate.take(start))
    ;
  CHECK(rate.next() == start + 100ms);
  CHECK(!rate.take(rate.next()));
  CHECK(rate.next() == start + 200ms);
}

TEST_CASE("in the long run no more than the rate gets through") {
  message_rate rate{100};
  const auto sent = sent_within(rate, start, 60s);
  // The first second's worth on top.
  CHECK(sent >= 60 * 100);
  CHECK(sent <= 61 * 100);
}

TEST_CASE("quiet time is saved up for one second only") {
  message_rate rate{5};
  static_cast<void>(rate.take(start));
  int taken = 1;
  while (rate.take(start + 1h))
    ++taken;
  CHECK(taken == 5);
}

TEST_CASE("a rate of one lets a packet through each second") {
  message_rate rate{1};
  CHECK(sent_within(rate, start, 10s) == 10);
}

} // namespace message_rate_test
