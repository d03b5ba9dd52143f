#include "actors/runtime/reactor.hpp"

#include "actors/runtime/reactor_implementation.hpp"

#include <caf/actor_system.hpp>
#include <caf/resumable.hpp>

#include <algorithm>
#include <utility>

namespace hetzel::runtime {

namespace {

thread_local reactor* current_reactor = nullptr;

} // namespace

reactor::reactor(caf::actor_system& system, reactor_index index,
                 reactor_options options)
  : caf::execution_unit(&system),
    index_(index),
    now_(std::chrono::steady_clock::now()),
    timers_(now_),
    impl_(std::make_unique<implementation>(options, index, now_)) {}

reactor::~reactor() {
  stop();
  while (resident* last = impl_->residents.pop_front())
    delete last;
}

reactor* reactor::current() noexcept { return current_reactor; }

poller& reactor::io() noexcept { return impl_->io; }

void reactor::keep(std::unique_ptr<resident> item) noexcept {
  impl_->residents.push_back(*item.release());
}

void reactor::may_be_lent_to(reactor& lead) noexcept { impl_->lead = &lead; }

void reactor::start() {
  impl_->thread = system().launch_thread(impl_->thread_name.c_str(),
                                         [this] { run(); });
}

void reactor::stop() {
  impl_->is_stopping = true;
  if (impl_->inbox.keep_awake())
    impl_->wake();
  if (impl_->thread.joinable())
    impl_->thread.join();
  else
    release_all(); // never started
}

// -- from any thread ----------------------------------------------------------

void reactor::exec_later(caf::resumable* job) {
  if (current_reactor == this) {
    impl_->ready.push(job);
    return;
  }
  switch (impl_->inbox.put(job)) {
    case reactor_inbox::verdict::taken:
      break;
    case reactor_inbox::verdict::wake:
      impl_->wake();
      break;
    case reactor_inbox::verdict::closed:
      intrusive_ptr_release(job);
      break;
  }
}

void reactor::post(std::function<void()> job) {
  if (impl_->inbox.put(std::move(job)) == reactor_inbox::verdict::wake)
    impl_->wake();
}

reactor_counters reactor::counters() const noexcept {
  return {
    .ticks = impl_->ticks.get(),
    .waits = impl_->waits.get(),
    .wakeups_sent = impl_->wakeups_sent.load(std::memory_order_relaxed),
    .actors_resumed = impl_->actors_resumed.get(),
    .flushes = impl_->flushes.get(),
    .failures = impl_->failures.get(),
    .lendings = impl_->lendings.get(),
    .actors_alive = actors_alive_.load(std::memory_order_relaxed),
  };
}

// -- the thread ---------------------------------------------------------------

void reactor::run() {
  become_current();
  while (!impl_->is_stopping.load(std::memory_order_relaxed)) {
    tick();
    weigh_load();
  }
  while (!impl_->guests.empty())
    give_back(*impl_->guests.back());
  release_all();
  current_reactor = nullptr;
}

void reactor::become_current() noexcept {
  current_reactor = this;
  is_clock_stale_ = true;
}

void reactor::read_clock() noexcept {
  now_ = std::chrono::steady_clock::now();
  is_clock_stale_ = false;
}

void reactor::tick() {
  turn(!poll_io());
  run_guests();
}

/// A tick's share behind I/O; `is_quiet`: there was none.
void reactor::turn(bool is_quiet) {
  impl_->ticks.add(1);
  if (is_quiet && !has_work())
    dirty_.splice_back(idle_);
  take_inbox();
  resume_ready();
  guarded("timer", [this] { timers_.advance(now()); });
  flush_all();
}

bool reactor::has_work() const noexcept {
  return !impl_->ready.empty() || !dirty_.empty() || !impl_->inbox.is_empty();
}

/// Whether something was ready.
bool reactor::poll_io() {
  if (fall_asleep()) {
    impl_->waits.add(1);
    read_clock();
    const auto asleep = now_;
    impl_->io.wait(time_to_sleep());
    wake_up();
    read_clock();
    impl_->meter.slept(asleep, now_);
  } else {
    impl_->io.wait(std::chrono::nanoseconds{0});
    is_clock_stale_ = true;
  }
  const bool is_found = impl_->io.has_found();
  guarded("io", [this] { impl_->io.handle(); });
  return is_found;
}

std::optional<time_point::duration> reactor::time_to_sleep() const noexcept {
  auto next = timers_.next();
  for (const reactor* guest : impl_->guests) {
    const auto other = guest->timers_.next();
    if (other && (!next || *other < *next))
      next = other;
  }
  if (!next)
    return std::nullopt;
  return std::max(*next - now_, time_point::duration::zero());
}

void reactor::take_inbox() {
  if (impl_->inbox.is_empty())
    return;
  auto& taken = impl_->taken;
  impl_->inbox.take(taken);
  for (caf::resumable* job : taken.ready)
    impl_->ready.push(job);
  for (auto& job : taken.jobs)
    guarded("job", job);
  taken.ready.clear();
  taken.jobs.clear();
}

// Those that become ready meanwhile have their turn too, up to the limit: what
// a message sets off among a reactor's actors leaves in the flush of its tick.
void reactor::resume_ready() {
  auto& ready = impl_->ready;
  std::size_t turns = 0;
  for (; turns < impl_->options.actors_per_tick_max && !ready.empty();
       ++turns) {
    caf::resumable* job = ready.pop();
    switch (job->resume(this, impl_->options.messages_per_turn_max)) {
      case caf::resumable::resume_later:
        ready.push(job);
        break;
      case caf::resumable::awaiting_message:
      case caf::resumable::done:
      case caf::resumable::shutdown_execution_unit:
        intrusive_ptr_release(job);
        break;
    }
  }
  impl_->actors_resumed.add(turns);
}

void reactor::flush_later(flushable& item) noexcept {
  if (!item.is_listed())
    dirty_.push_back(item);
}

void reactor::flush_when_idle(flushable& item) noexcept {
  if (!item.is_listed())
    idle_.push_back(item);
}

// Works on a list of its own, so that what is listed meanwhile waits for the
// next tick; an exception leaves the others listed.
void reactor::flush_all() {
  intrusive_list<flushable> now_dirty;
  now_dirty.splice_back(dirty_);
  while (flushable* item = now_dirty.pop_front()) {
    impl_->flushes.add(1);
    guarded("flush", [item] { item->flush(); });
  }
}

// Releasing an actor can end it, and its last words make others ready: again
// until nothing comes any more, and only then is the inbox closed. Who found
// the reactor asleep before that may still be at waking it, and must be through
// before anybody destroys it.
void reactor::release_all() noexcept {
  auto& taken = impl_->taken;
  do {
    impl_->inbox.take(taken);
    for (caf::resumable* job : taken.ready)
      intrusive_ptr_release(job);
    taken.ready.clear();
    taken.jobs.clear();
    while (!impl_->ready.empty())
      intrusive_ptr_release(impl_->ready.pop());
  } while (!impl_->inbox.try_close());
  while (impl_->inbox.has_wakers())
    std::this_thread::yield();
}

} // namespace hetzel::runtime
