#include "actors/runtime/reactor.hpp"

#include "actors/runtime/log.hpp"
#include "actors/runtime/reactor_inbox.hpp"
#include "actors/runtime/ready_queue.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <caf/actor_system.hpp>
#include <caf/resumable.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <string>
#include <thread>
#include <utility>

namespace hetzel::runtime {

namespace {

thread_local reactor* current_reactor = nullptr;

/// Written by one thread, read by any: no read-modify-write is needed.
class tally {
public:
  void add(std::uint64_t count) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + count,
                 std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t get() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

private:
  std::atomic<std::uint64_t> value_ = 0;
};

/// Whether the event that ended a wait has come with others lately. Looking for
/// them costs a system call, and at a paced load they hardly ever come: then
/// only one wait in 16 looks, and a companion it misses is handled in a tick of
/// its own.
class company_guess {
public:
  [[nodiscard]] bool is_expected() noexcept {
    return lonely_ < lonely_max || ++skipped_ % 16 == 0;
  }

  void note(bool had_company) noexcept {
    lonely_ = had_company ? 0 : std::min(lonely_ + 1, lonely_max);
  }

private:
  static constexpr unsigned lonely_max = 8;

  unsigned lonely_ = 0; // waits in a row without companions
  unsigned skipped_ = 0;
};

} // namespace

struct reactor::implementation {
  explicit implementation(reactor_options chosen, reactor_index index)
    : options(chosen), thread_name("hetzel-r" + std::to_string(index)) {}

  // Locks nothing but the queue that `post` of another thread goes through.
  boost::asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  // Without it asio would take a reactor without sockets for finished.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
    keeps_running{io.get_executor()};

  reactor_options options;
  std::string thread_name;
  ready_queue ready;
  reactor_inbox inbox;
  reactor_inbox::content taken;
  company_guess company;
  std::thread thread;
  std::atomic<bool> is_stopping = false;

  tally ticks;
  tally waits;
  tally actors_resumed;
  tally flushes;
  tally failures;
  std::atomic<std::uint64_t> wakeups_sent = 0;

  // A wake-up is an empty handler: asio interrupts its epoll_wait with one
  // system call of the sender and none of the sleeper, which is one less than
  // an eventfd of our own would take.
  void wake() {
    wakeups_sent.fetch_add(1, std::memory_order_relaxed);
    boost::asio::post(io, [] {});
    inbox.woken();
  }
};

reactor::reactor(caf::actor_system& system, reactor_index index,
                 reactor_options options)
  : caf::execution_unit(&system),
    index_(index),
    now_(std::chrono::steady_clock::now()),
    timers_(now_),
    impl_(std::make_unique<implementation>(options, index)) {}

reactor::~reactor() { stop(); }

reactor* reactor::current() noexcept { return current_reactor; }

boost::asio::io_context& reactor::io() noexcept { return impl_->io; }

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
    .actors_alive = actors_alive_.load(std::memory_order_relaxed),
  };
}

// -- the thread ---------------------------------------------------------------

void reactor::run() {
  current_reactor = this;
  while (!impl_->is_stopping.load(std::memory_order_relaxed))
    tick();
  release_all();
  current_reactor = nullptr;
}

void reactor::read_clock() noexcept {
  now_ = std::chrono::steady_clock::now();
  is_clock_stale_ = false;
}

void reactor::tick() {
  impl_->ticks.add(1);
  const bool is_idle = impl_->ready.empty() && dirty_.empty()
                       && impl_->inbox.is_empty();
  is_clock_stale_ = true;
  guarded("io", [this, is_idle] { poll_io(is_idle); });
  take_inbox();
  resume_ready();
  guarded("timer", [this] { timers_.advance(now()); });
  flush_all();
}

template <class Body>
void reactor::guarded(const char* where, Body&& body) noexcept {
  try {
    body();
  } catch (const std::exception& error) {
    impl_->failures.add(1);
    log::error("reactor.failed", {{"reactor", index_},
                                  {"where", where},
                                  {"error", error.what()}});
  } catch (...) {
    impl_->failures.add(1);
    log::error("reactor.failed",
               {{"reactor", index_}, {"where", where}, {"error", "unknown"}});
  }
}

// `poll` alone would not come back while peers keep sending, for it looks for
// new events whenever it has handled the ones it knew. The marker stops it when
// it looks the second time: a tick handles what was ready at its begin.
void reactor::poll_io(bool is_idle) {
  const bool waits = is_idle && impl_->inbox.try_sleep();
  if (waits) {
    wait_for_io();
    impl_->inbox.wake();
    if (!impl_->company.is_expected())
      return;
  }
  boost::asio::post(impl_->io, [this] { impl_->io.stop(); });
  const std::size_t handled = impl_->io.poll();
  impl_->io.restart();
  if (waits)
    impl_->company.note(handled > 1);
}

void reactor::wait_for_io() {
  impl_->waits.add(1);
  if (const auto next = timers_.next())
    impl_->io.run_one_until(*next);
  else
    impl_->io.run_one();
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
