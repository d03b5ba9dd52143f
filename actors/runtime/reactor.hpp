#pragma once

#include "actors/runtime/compaction.hpp"
#include "actors/runtime/intrusive_list.hpp"
#include "actors/runtime/timer_wheel.hpp"
#include "protocol/basic_types.hpp"

#include <caf/execution_unit.hpp>
#include <caf/fwd.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace hetzel::runtime {

class poller;

/// Position of a reactor in its pool: 0 … pool size - 1.
using reactor_index = std::uint16_t;

/// Something with output to write at the end of the tick. It leaves the
/// reactor's list by its destructor (or `cancel_flush`).
class flushable : public intrusive_list_node<flushable> {
public:
  virtual ~flushable() = default;

  /// Called once per `flush_later`, on the reactor's thread, after all actors
  /// of this tick ran. May call `flush_later` again for the next tick, and may
  /// destroy itself and others.
  virtual void flush() = 0;

  void cancel_flush() noexcept { unlist(); }
};

/// Something that lives on a reactor by itself: it ends itself (`delete this`),
/// at the latest the reactor does.
class resident : public intrusive_list_node<resident> {
public:
  virtual ~resident() = default;
};

struct reactor_options {
  /// Turns of actors per tick before I/O is polled again; those that become
  /// ready within the tick count. Range: ≥ 1.
  std::size_t actors_per_tick_max = 256;
  /// Messages an actor handles before the next one's turn. Range: ≥ 1.
  std::size_t messages_per_turn_max = 64;
  compaction_rules compaction;
};

/// Counted since the start; read from any thread.
struct reactor_counters {
  std::uint64_t ticks = 0;
  std::uint64_t waits = 0; ///< ticks that blocked for I/O
  std::uint64_t wakeups_sent = 0;
  std::uint64_t actors_resumed = 0;
  std::uint64_t flushes = 0;
  std::uint64_t failures = 0; ///< exceptions out of what is not an actor's
  std::uint64_t lendings = 0; ///< times that another's thread took it in
  std::uint64_t actors_alive = 0; ///< pinned here; the one that can sink
};

/// One thread that owns one poller and *is* a CAF execution unit: sockets,
/// timers and mailboxes of the actors pinned to it all run there, so that they
/// need no lock among themselves.
///
/// Each tick: poll I/O (or wait for it when nothing is ready) → take what other
/// threads sent → resume ready actors, bounded → advance timers → flush.
///
/// With a lead, a reactor whose thread has little to do is run by the lead's
/// thread meanwhile (`compaction_rules`): "the reactor's thread" is the one
/// that runs it, one at a time, and all it does is ordered as if it were one.
///
/// An exception out of an I/O handler, timer, flush or posted job is logged
/// and counted, and the reactor goes on; whoever owns the handler should have
/// caught it (`pinned::guarded` ends the actor).
///
/// Must outlive every living actor pinned to it.
class reactor final : public caf::execution_unit {
public:
  reactor(caf::actor_system& system, reactor_index index,
          reactor_options options);
  /// Stops.
  ~reactor() override;

  reactor(const reactor&) = delete;
  reactor& operator=(const reactor&) = delete;

  /// Lets `lead`'s thread run this one in quiet times. Before `start`; `lead`
  /// is never lent itself, and destroyed after this one has stopped.
  void may_be_lent_to(reactor& lead) noexcept;

  /// Starts the thread, named "hetzel-r<index>". Once.
  void start();

  /// Ends the thread after its tick and joins it. Actors that are still ready
  /// are released unresumed, and so is all that becomes ready later; posted
  /// jobs that did not run never will. Idempotent; not on its own thread.
  void stop();

  /// The reactor that this thread runs now; null on any other thread.
  [[nodiscard]] static reactor* current() noexcept;

  [[nodiscard]] reactor_index index() const noexcept { return index_; }

  /// From any thread: the owner's goes to a plain ready list, another's to an
  /// inbox that wakes the reactor once.
  void exec_later(caf::resumable* job) override;

  /// Runs `job` on the reactor's thread in a later tick. From any thread.
  /// For wiring and tests; actors send messages.
  void post(std::function<void()> job);

  [[nodiscard]] reactor_counters counters() const noexcept;

  /// For `pinned`, from any thread.
  void actor_began() noexcept {
    actors_alive_.fetch_add(1, std::memory_order_relaxed);
  }
  void actor_ended() noexcept {
    actors_alive_.fetch_sub(1, std::memory_order_relaxed);
  }

  // -- only on the reactor's own thread --------------------------------------

  /// Watches descriptors; waiting is the reactor's.
  [[nodiscard]] poller& io() noexcept;

  /// Takes what lives by itself.
  void keep(std::unique_ptr<resident> item) noexcept;

  /// The time of this tick; reading it costs nothing.
  [[nodiscard]] time_point now() noexcept {
    if (is_clock_stale_)
      read_clock();
    return now_;
  }

  [[nodiscard]] timer_wheel& timers() noexcept { return timers_; }

  /// `flush` of `item` at the end of this tick, or of the next one when the
  /// flushing of this one has begun. Once, however often this is called.
  void flush_later(flushable& item) noexcept;

  /// The same as soon as there is nothing else to do, before the reactor
  /// sleeps; `cancel_flush` and `flush_later` make it sooner.
  void flush_when_idle(flushable& item) noexcept;

private:
  struct implementation;

  void run();
  void become_current() noexcept;
  void tick();
  void turn(bool is_quiet);
  void read_clock() noexcept;
  [[nodiscard]] bool has_work() const noexcept;
  [[nodiscard]] bool poll_io();
  [[nodiscard]] std::optional<time_point::duration>
  time_to_sleep() const noexcept;
  void take_inbox();
  void resume_ready();
  void flush_all();
  void release_all() noexcept;

  [[nodiscard]] bool fall_asleep();
  void wake_up() noexcept;

  void weigh_load();
  void lend();
  void take_in(reactor& guest);
  void give_back(reactor& guest) noexcept;
  void run_guests();
  void run_as_guest(time_point now);

  template <class Body>
  void guarded(const char* where, Body&& body) noexcept;

  reactor_index index_;
  time_point now_;
  /// A tick reads the clock when it first asks: after its wait for I/O.
  bool is_clock_stale_ = false;
  timer_wheel timers_;
  intrusive_list<flushable> dirty_;
  intrusive_list<flushable> idle_;
  std::atomic<std::uint64_t> actors_alive_ = 0;
  std::unique_ptr<implementation> impl_;
};

} // namespace hetzel::runtime
