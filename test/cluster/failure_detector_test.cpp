#include "cluster/membership/arrival_window.hpp"
#include "cluster/membership/own_pace.hpp"
#include "cluster/membership/phi_detector.hpp"
#include "cluster/membership/probe_relay.hpp"
#include "test/cluster/membership_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <queue>
#include <vector>

namespace failure_detector_test {

using namespace hetzel::cluster;
using namespace hetzel::test;
using std::chrono::milliseconds;

namespace {

constexpr store_id s2{2};
constexpr store_id s3{3};
constexpr store_id s4{4};

/// A detector with one peer or more whose beats arrive when a test says so.
struct phi_bench final : detector_sink {
  phi_bench() : core(detector_options{}, *this) {
    core.set_peers({s2}, now());
    core.tick(now(), milliseconds{0});
  }

  void beat(store_id to, std::uint64_t) override { beats.push_back(to); }
  void probe_through(store_id, store_id, std::uint64_t) override {}
  void answer_probe(store_id to, store_id target,
                    std::uint64_t number) override {
    answers.push_back({to, target, number});
  }
  void on_reach(store_id peer, reach opinion) override {
    if (peer != s2)
      return;
    history.push_back(opinion);
    changed_ms = ms;
  }

  [[nodiscard]] steady_time now() const { return at_ms(ms); }

  /// Ticks every 100 ms; beats of store 2 arrive at their times in between.
  void run(std::int64_t span, milliseconds lag = milliseconds{0}) {
    for (auto end = ms + span; ms < end;) {
      auto next = ms + 100;
      while (!arrivals.empty() && arrivals.top() <= next) {
        ms = arrivals.top();
        arrivals.pop();
        core.on_beat(s2, now());
      }
      ms = next;
      core.tick(now(), lag);
    }
  }

  /// Store 2 beats regularly for a while, the first time at once.
  void run_with_beats(std::int64_t span, milliseconds lag = milliseconds{0}) {
    for (std::int64_t at = 0; at < span; at += 500)
      arrivals.push(ms + at + 1);
    run(span, lag);
  }

  [[nodiscard]] bool was(reach opinion) const {
    return std::count(history.begin(), history.end(), opinion) != 0;
  }

  struct answer {
    store_id to;
    store_id target;
    std::uint64_t number;
  };

  std::int64_t ms = 1000000;
  std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>>
    arrivals;
  std::vector<store_id> beats;
  std::vector<answer> answers;
  std::vector<reach> history;
  std::int64_t changed_ms = 0;
  phi_detector core;
};

} // namespace

// -- what is measured ---------------------------------------------------------

TEST_CASE("phi is the number of nines of a normal distribution") {
  arrival_window window{milliseconds{1000}, milliseconds{60000}};
  // Mean 1000, deviation 250: both floors.
  CHECK(window.mean() == doctest::Approx(1000));
  CHECK(window.deviation() == doctest::Approx(250));
  CHECK(window.phi(1000) == doctest::Approx(std::log10(2)));
  // One in 10^5 is 4.2649 deviations away, one in 10^8 is 5.6120.
  CHECK(window.phi(1000 + 4.2649 * 250) == doctest::Approx(5).epsilon(0.001));
  CHECK(window.phi(1000 + 5.6120 * 250) == doctest::Approx(8).epsilon(0.001));
  CHECK(window.phi(1e9) == doctest::Approx(300));
  CHECK(window.phi(0) >= 0);
}

TEST_CASE("the window remembers a hundred intervals, and none beyond the "
          "longest") {
  arrival_window window{milliseconds{500}, milliseconds{3000}};
  for (int i = 0; i < 50; ++i)
    window.add(milliseconds{60000});
  CHECK(window.mean() == doctest::Approx(3000));
  for (int i = 0; i < 100; ++i)
    window.add(milliseconds{i % 2 == 0 ? 600 : 1000});
  CHECK(window.size() == 100);
  CHECK(window.mean() == doctest::Approx(800));
  CHECK(window.deviation() == doctest::Approx(200));
  window.clear();
  CHECK(window.mean() == doctest::Approx(500));
}

TEST_CASE("the clock of a detector stands still while its process does") {
  own_pace pace{detector_options{}};
  pace.tick(at_ms(0), milliseconds{0});
  pace.tick(at_ms(100), milliseconds{0});
  CHECK(pace.elapsed() == milliseconds{100});
  CHECK(pace.stretch() == doctest::Approx(1));
  CHECK(pace.at(at_ms(150)) == milliseconds{150});
  CHECK(pace.at(at_ms(60000)) == milliseconds{600});
  pace.tick(at_ms(60000), milliseconds{0});
  CHECK(pace.elapsed() == milliseconds{600});
  CHECK(pace.stretch() == doctest::Approx(4));
}

TEST_CASE("timeouts are stretched by the lag, up to four times, and for some "
          "seconds") {
  own_pace pace{detector_options{}};
  std::int64_t ms = 0;
  auto tick = [&](int lag) {
    pace.tick(at_ms(ms += 100), milliseconds{lag});
    return pace.stretch();
  };
  CHECK(tick(0) == doctest::Approx(1));
  CHECK(tick(500) == doctest::Approx(1));
  CHECK(tick(1000) == doctest::Approx(2));
  CHECK(tick(9000) == doctest::Approx(4));
  for (int i = 0; i < 49; ++i)
    CHECK(tick(0) == doctest::Approx(4));
  CHECK(tick(0) == doctest::Approx(1));
}

TEST_CASE("questions of others are kept for a while, and not without end") {
  probe_relay relay{milliseconds{1000}};
  CHECK(relay.add(s2, {s3, 1, milliseconds{0}}));
  CHECK(relay.add(s2, {s4, 2, milliseconds{500}}));
  relay.expire(milliseconds{1200});
  auto left = relay.take(s2);
  REQUIRE(left.size() == 1);
  CHECK(left[0].from == s4);
  CHECK(relay.take(s2).empty());
  for (std::size_t i = 0; i < probe_relay::size_max; ++i)
    REQUIRE(relay.add(s2, {s3, i, milliseconds{0}}));
  CHECK(!relay.add(s3, {s3, 1, milliseconds{0}}));
  relay.expire(milliseconds{5000});
  CHECK(relay.add(s3, {s3, 1, milliseconds{0}}));
}

// -- heartbeats ---------------------------------------------------------------

TEST_CASE("a peer is unreachable until it is heard of") {
  phi_bench bench;
  CHECK(bench.core.reach_of(s2) == reach::unreachable);
  bench.run(10000);
  CHECK(bench.history.empty());
  bench.core.on_link_up(s2, bench.now());
  CHECK(bench.core.reach_of(s2) == reach::reachable);
  CHECK(bench.core.reachable() == std::set{s2});
  CHECK(bench.core.reach_of(s3) == reach::unreachable);
}

TEST_CASE("all peers get a beat every half second") {
  phi_bench bench;
  bench.core.set_peers({s2, s3}, bench.now());
  bench.beats.clear();
  bench.run(5000);
  CHECK(bench.beats.size() == 20);
}

TEST_CASE("a peer that falls silent is suspect within 1.5 s and unreachable "
          "after 3") {
  phi_bench bench;
  bench.run_with_beats(60000);
  CHECK(bench.history == std::vector{reach::reachable});
  auto last = bench.ms - 499;
  while (bench.core.reach_of(s2) == reach::reachable)
    bench.run(100);
  CHECK(bench.ms - last <= 1600);
  while (bench.core.reach_of(s2) == reach::suspect)
    bench.run(100);
  CHECK(bench.ms - last >= 3000);
  CHECK(bench.ms - last <= 3100);
}

TEST_CASE("however irregular a peer was, its silence is found out within "
          "10 s") {
  std::mt19937_64 random{4};
  for (int round = 0; round < 200; ++round) {
    phi_bench bench;
    auto at = bench.ms + 1;
    for (int i = 0; i < 200; ++i)
      bench.arrivals.push(
        at += random() % 2 == 0 ? 300 : 2900);
    bench.run(at - bench.ms + 100);
    REQUIRE(bench.core.reach_of(s2) != reach::unreachable);
    while (bench.core.reach_of(s2) != reach::unreachable)
      bench.run(100);
    REQUIRE(bench.ms - at <= 10100);
    REQUIRE(bench.ms - at >= 3000);
  }
}

TEST_CASE("a link that loses 2 % and delays by up to 0.5 s is never "
          "unreachable") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    std::mt19937_64 random{seed};
    phi_bench bench;
    // A day.
    for (int hour = 0; hour < 24; ++hour) {
      for (std::int64_t at = 0; at < 3600000; at += 500)
        if (random() % 100 >= 2)
          bench.arrivals.push(bench.ms + at
                              + static_cast<std::int64_t>(random() % 500));
      bench.run(3600000);
    }
    CHECK(!bench.was(reach::unreachable));
    CHECK(bench.was(reach::reachable));
  }
}

TEST_CASE("stalls of two seconds make a peer suspect, not unreachable") {
  phi_bench bench;
  for (int i = 0; i < 500; ++i) {
    bench.run_with_beats(10000);
    bench.run(1500);
  }
  CHECK(bench.was(reach::suspect));
  CHECK(!bench.was(reach::unreachable));
}

TEST_CASE("any traffic is a sign of life, but no habit") {
  phi_bench bench;
  bench.run_with_beats(10000);
  bench.history.clear();
  for (int i = 0; i < 1000; ++i) {
    bench.core.on_heard(s2, bench.now());
    bench.run(100);
  }
  CHECK(bench.history.empty());
  // After 100 s of traffic a pause of 0.9 s is nothing unusual.
  bench.run(900);
  CHECK(bench.history.empty());
}

TEST_CASE("echoes keep a peer reachable that sends no beats of its own") {
  phi_bench bench;
  bench.core.on_link_up(s2, bench.now());
  for (int i = 0; i < 200; ++i) {
    bench.run(500);
    bench.core.on_echo(s2, 1, bench.now());
  }
  CHECK(bench.history == std::vector{reach::reachable});
}

TEST_CASE("a lost link is suspect at once and unreachable after 3 s") {
  phi_bench bench;
  bench.run_with_beats(10000);
  bench.core.on_link_reset(s2, bench.now());
  CHECK(bench.core.reach_of(s2) == reach::suspect);
  // What was still on its way is of before.
  bench.run_with_beats(2900);
  CHECK(bench.core.reach_of(s2) == reach::suspect);
  bench.run(200);
  CHECK(bench.core.reach_of(s2) == reach::unreachable);
  bench.core.on_link_up(s2, bench.now());
  CHECK(bench.core.reach_of(s2) == reach::reachable);
}

TEST_CASE("a link that comes back within 3 s was never unreachable") {
  phi_bench bench;
  bench.run_with_beats(10000);
  bench.core.on_link_reset(s2, bench.now());
  bench.run(2500);
  bench.core.on_link_up(s2, bench.now());
  bench.run_with_beats(10000);
  CHECK(bench.history
        == std::vector{reach::reachable, reach::suspect, reach::reachable});
}

TEST_CASE("who is late itself accuses nobody that long") {
  for (int lag : {600, 1000, 2000, 60000}) {
    phi_bench bench;
    bench.run_with_beats(10000);
    auto times = std::min(lag / 500.0, 4.0);
    bench.run(static_cast<std::int64_t>(3000 * times) - 700,
              milliseconds{lag});
    CHECK_MESSAGE(bench.core.reach_of(s2) != reach::unreachable, lag);
    bench.run(800, milliseconds{lag});
    CHECK_MESSAGE(bench.core.reach_of(s2) == reach::unreachable, lag);
  }
}

TEST_CASE("a process that was stopped for a minute accuses nobody of that") {
  phi_bench bench;
  bench.run_with_beats(10000);
  bench.history.clear();
  bench.ms += 60000;
  bench.core.tick(bench.now(), milliseconds{0});
  CHECK(!bench.was(reach::unreachable));
  // What piled up in the meantime comes now.
  for (int i = 0; i < 120; ++i)
    bench.core.on_beat(s2, bench.now());
  bench.run_with_beats(30000);
  CHECK(!bench.was(reach::unreachable));
  CHECK(bench.core.reach_of(s2) == reach::reachable);
}

TEST_CASE("an outage does not make the detector patient afterwards") {
  phi_bench bench;
  for (int i = 0; i < 20; ++i) {
    bench.run_with_beats(5000);
    bench.run(20000);
  }
  bench.run_with_beats(5000);
  auto last = bench.ms - 499;
  while (bench.core.reach_of(s2) != reach::unreachable)
    bench.run(100);
  CHECK(bench.ms - last <= 3100);
}

TEST_CASE("who is no member is not watched, and a newcomer begins anew") {
  phi_bench bench;
  bench.run_with_beats(5000);
  bench.core.set_peers({s3}, bench.now());
  CHECK(bench.core.reachable().empty());
  bench.core.on_beat(s2, bench.now());
  CHECK(bench.core.reach_of(s2) == reach::unreachable);
  bench.core.set_peers({s2, s3}, bench.now());
  CHECK(bench.core.reach_of(s2) == reach::unreachable);
}

TEST_CASE("a question of another member is answered when the target is heard "
          "after it") {
  phi_bench bench;
  bench.core.set_peers({s2, s3, s4}, bench.now());
  bench.run_with_beats(5000);
  bench.beats.clear();
  bench.core.on_probe_request(s3, s2, 42, bench.now());
  CHECK(bench.beats == std::vector{s2});
  CHECK(bench.answers.empty());
  bench.core.on_heard(s2, bench.now());
  REQUIRE(bench.answers.size() == 1);
  CHECK(bench.answers[0].to == s3);
  CHECK(bench.answers[0].number == 42);
  bench.core.on_probe_request(s3, s4, 43, bench.now());
  bench.run(1200);
  bench.core.on_heard(s4, bench.now());
  CHECK(bench.answers.size() == 1);
}

} // namespace failure_detector_test
