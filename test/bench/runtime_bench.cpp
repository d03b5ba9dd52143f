/// What do the runtime's parts cost? Budgets (one core of the reference
/// machine, DESIGN 3): a message between actors of one reactor ≤ 0.25 µs, an
/// idle pinned actor ≤ 1.5 KB, arming a timer among 100,000 ≤ 20 ns.

#include "actors/runtime/pinned.hpp"
#include "actors/runtime/reactor_pool.hpp"
#include "actors/runtime/register_types.hpp"
#include "actors/runtime/timer_wheel.hpp"

#include <benchmark/benchmark.h>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <malloc.h>
#include <time.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <random>
#include <vector>

using namespace hetzel::runtime;

namespace {

struct running_system {
  running_system() { pool.start(); }
  ~running_system() { pool.stop(); }

  caf::actor_system_config config;
  caf::actor_system system{config};
  reactor_pool pool{system, 2};
};

/// Set by `main` for its duration.
running_system* host = nullptr;

/// Of the whole program: the work is done on other threads than the measuring
/// one, and on a busy machine real time says little.
double cpu_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9
         + static_cast<double>(now.tv_nsec);
}

void run_on(reactor& where, const std::function<void()>& job) {
  std::promise<void> done;
  where.post([&] {
    job();
    done.set_value();
  });
  done.get_future().wait();
}

// -- messages -----------------------------------------------------------------

/// Plays ball: sends what it gets back to its partner, until a count is down.
using player_actor = introspectable::extend<
  caf::result<void>(caf::put_atom, caf::strong_actor_ptr),
  caf::result<void>(caf::tick_atom, std::uint64_t)>;

struct match_end {
  std::promise<void> all_down;
  std::atomic<int> balls = 0;
};

class player_state {
public:
  static inline const char* name = "bench.player";

  player_state(pinned_pointer<player_actor> self, match_end* end)
    : self_(self), end_(end) {}

  player_actor::behavior_type make_behavior() {
    return {
      describing(self_),
      [this](caf::put_atom, const caf::strong_actor_ptr& partner) {
        partner_ = caf::actor_cast<player_actor>(partner);
      },
      [this](caf::tick_atom, std::uint64_t left) {
        if (left > 0)
          self_->send(partner_, caf::tick_atom_v, left - 1);
        else if (--end_->balls == 0)
          end_->all_down.set_value();
      },
    };
  }

private:
  pinned_pointer<player_actor> self_;
  match_end* end_;
  player_actor partner_;
};

/// `balls` messages under way at a time between two actors.
void play(benchmark::State& state, std::size_t home_of_second) {
  constexpr std::uint64_t passes = 20'000;
  const auto balls = static_cast<int>(state.range(0));
  auto& here = *host;
  match_end end;
  const auto one = spawn_pinned<player_actor, player_state>(here.pool[0], &end);
  const auto two = spawn_pinned<player_actor, player_state>(
    here.pool[home_of_second], &end);
  caf::anon_send(one, caf::put_atom_v,
                 caf::actor_cast<caf::strong_actor_ptr>(two));
  caf::anon_send(two, caf::put_atom_v,
                 caf::actor_cast<caf::strong_actor_ptr>(one));
  const double cpu_before = cpu_nanoseconds();
  for (auto _ : state) {
    end.all_down = {};
    end.balls = balls;
    for (int i = 0; i < balls; ++i)
      caf::anon_send(one, caf::tick_atom_v, passes);
    end.all_down.get_future().wait();
  }
  const auto messages = state.iterations() * balls
                        * static_cast<std::int64_t>(passes);
  state.SetItemsProcessed(messages);
  state.counters["cpu_ns_each"]
    = (cpu_nanoseconds() - cpu_before) / static_cast<double>(messages);
  caf::scoped_actor self{here.system};
  self->send_exit(one, caf::exit_reason::kill);
  self->send_exit(two, caf::exit_reason::kill);
  self->wait_for(one, two);
}

void message_within_a_reactor(benchmark::State& state) { play(state, 0); }
void message_between_reactors(benchmark::State& state) { play(state, 1); }

BENCHMARK(message_within_a_reactor)->Arg(1)->Arg(16)->UseRealTime();
BENCHMARK(message_between_reactors)->Arg(1)->Arg(256)->UseRealTime();

// -- actors -------------------------------------------------------------------

class idle_state {
public:
  static inline const char* name = "bench.idle";

  explicit idle_state(pinned_pointer<introspectable> self) : self_(self) {}

  introspectable::behavior_type make_behavior() { return {describing(self_)}; }

private:
  pinned_pointer<introspectable> self_;
};

std::size_t heap_bytes() { return mallinfo2().uordblks; }

constexpr std::size_t crowd_size = 20'000;

/// Spawning from the reactor itself, as listeners and registrars do.
void idle_actor(benchmark::State& state) {
  auto& home = host->pool[0];
  std::size_t bytes = 0;
  double cpu = 0;
  for (auto _ : state) {
    std::vector<introspectable> crowd;
    crowd.reserve(crowd_size);
    const auto before = heap_bytes();
    const double cpu_before = cpu_nanoseconds();
    const auto resumed_before = home.counters().actors_resumed;
    run_on(home, [&] {
      for (std::size_t i = 0; i < crowd_size; ++i)
        crowd.push_back(spawn_pinned<introspectable, idle_state>(home));
    });
    // They initialise in the ticks after the job that spawned them.
    while (home.counters().actors_resumed - resumed_before < crowd_size)
      run_on(home, [] {});
    cpu += cpu_nanoseconds() - cpu_before;
    bytes = (heap_bytes() - before) / crowd_size;
    state.PauseTiming();
    for (const auto& actor : crowd)
      caf::anon_send_exit(actor, caf::exit_reason::kill);
    while (home.counters().actors_alive > 0)
      run_on(home, [] {});
    state.ResumeTiming();
  }
  const auto spawned
    = state.iterations() * static_cast<std::int64_t>(crowd_size);
  state.SetItemsProcessed(spawned);
  state.counters["cpu_ns_each"] = cpu / static_cast<double>(spawned);
  state.counters["bytes_each"] = static_cast<double>(bytes);
  state.counters["sizeof"] = static_cast<double>(
    sizeof(pinned_actor<introspectable, idle_state>));
}

BENCHMARK(idle_actor)->UseRealTime()->Unit(benchmark::kMillisecond);

// -- timers -------------------------------------------------------------------

struct counting_timer final : timer {
  void on_timeout(hetzel::mqtt::time_point) override { ++fired; }
  std::uint64_t fired = 0;
};

constexpr std::size_t timer_count = 100'000;

/// Each packet of a client re-arms its keep alive.
void rearm_timer(benchmark::State& state) {
  const hetzel::mqtt::time_point start{};
  timer_wheel wheel{start};
  std::vector<counting_timer> timers(timer_count);
  std::mt19937_64 random{1};
  std::vector<std::uint32_t> order(1U << 16U);
  for (auto& index : order)
    index = static_cast<std::uint32_t>(random() % timer_count);
  for (auto& one : timers)
    wheel.schedule(one, start + std::chrono::milliseconds{random() % 90'000});
  std::size_t i = 0;
  for (auto _ : state) {
    ++i;
    wheel.schedule(timers[order[i % order.size()]],
                   start + std::chrono::milliseconds{90'000 + i % 1000});
  }
}

/// What the ticks of an hour cost in which each of the timers fires once.
void fire_timers(benchmark::State& state) {
  const hetzel::mqtt::time_point start{};
  for (auto _ : state) {
    state.PauseTiming();
    timer_wheel wheel{start};
    std::vector<counting_timer> timers(timer_count);
    std::mt19937_64 random{1};
    for (auto& one : timers)
      wheel.schedule(one,
                     start + std::chrono::milliseconds{random() % 3'600'000});
    state.ResumeTiming();
    for (auto now = start; now < start + std::chrono::hours{1};
         now += timer_wheel::resolution)
      wheel.advance(now);
  }
  state.SetItemsProcessed(state.iterations()
                          * static_cast<std::int64_t>(timer_count));
}

BENCHMARK(rearm_timer);
BENCHMARK(fire_timers)->Unit(benchmark::kMillisecond);

} // namespace

int main(int argc, char** argv) {
  register_types();
  running_system here;
  host = &here;
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
