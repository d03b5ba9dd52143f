#include "test/load/event_loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <future>
#include <system_error>

namespace hetzel::test::load {

namespace {

constexpr std::size_t events_per_tick_max = 512;

int checked(int result, const char* what) {
  if (result < 0)
    throw std::system_error(errno, std::generic_category(), what);
  return result;
}

void control(int epoll, int operation, int descriptor, void* source,
             std::uint32_t events) {
  epoll_event wanted{};
  wanted.events = events;
  wanted.data.ptr = source;
  checked(::epoll_ctl(epoll, operation, descriptor, &wanted), "epoll_ctl");
}

timespec time_until(steady_time due) {
  const auto left
    = std::max(std::chrono::nanoseconds{due - std::chrono::steady_clock::now()},
               std::chrono::nanoseconds{0});
  const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
  return {seconds.count(), (left - seconds).count()};
}

} // namespace

event_loop::event_loop(unsigned index, std::size_t read_buffer_bytes)
  : index_(index),
    epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
    wake_(checked(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")),
    buffer_(read_buffer_bytes) {
  control(epoll_, EPOLL_CTL_ADD, wake_, nullptr, EPOLLIN);
}

event_loop::~event_loop() {
  stop();
  ::close(wake_);
  ::close(epoll_);
}

void event_loop::start() {
  thread_ = std::thread{[this] { run(); }};
}

void event_loop::stop() {
  if (!thread_.joinable())
    return;
  is_stopping_ = true;
  wake();
  thread_.join();
}

void event_loop::post(std::function<void()> work) {
  {
    const std::lock_guard lock{posted_mutex_};
    posted_.push_back(std::move(work));
  }
  wake();
}

void event_loop::call(std::function<void()> work) {
  std::promise<void> done;
  post([&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

void event_loop::wake() noexcept {
  if (is_woken_.exchange(true))
    return;
  const std::uint64_t one = 1;
  // The counter cannot overflow: at most one write per take_posted.
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

void event_loop::watch(int descriptor, event_source& source,
                       std::uint32_t events) {
  control(epoll_, EPOLL_CTL_ADD, descriptor, &source, events);
}

void event_loop::change(int descriptor, event_source& source,
                        std::uint32_t events) {
  control(epoll_, EPOLL_CTL_MOD, descriptor, &source, events);
}

void event_loop::defer(tick_task& task) {
  if (task.is_deferred_)
    return;
  task.is_deferred_ = true;
  deferred_.push_back(&task);
}

void event_loop::run() {
  // The default slack of 50 µs would be most of the latency of a paced load.
  ::prctl(PR_SET_TIMERSLACK, 1UL);
  while (!is_stopping_) {
    wait();
    paced_at_
      = pacer_ ? pacer_(std::chrono::steady_clock::now()) : steady_time::max();
    run_deferred();
  }
}

void event_loop::wait() {
  std::array<epoll_event, events_per_tick_max> events;
  timespec timeout{};
  const auto is_timed = paced_at_ != steady_time::max();
  if (is_timed)
    timeout = time_until(paced_at_);
  const auto count
    = ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()),
                     is_timed ? &timeout : nullptr, nullptr);
  if (count < 0 && errno != EINTR)
    throw std::system_error(errno, std::generic_category(), "epoll_pwait2");
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    if (event.data.ptr)
      static_cast<event_source*>(event.data.ptr)->on_event(event.events);
    else
      take_posted();
  }
}

void event_loop::take_posted() {
  std::uint64_t wakes = 0;
  [[maybe_unused]] const auto size = ::read(wake_, &wakes, sizeof wakes);
  // Before looking at the work: a later wake must write again.
  is_woken_ = false;
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard lock{posted_mutex_};
    work.swap(posted_);
  }
  for (auto& one : work)
    one();
  if (on_wake_)
    on_wake_();
}

void event_loop::run_deferred() {
  // Tasks defer others: a publisher fills a client, which then is flushed.
  for (std::size_t i = 0; i < deferred_.size(); ++i) {
    auto& task = *deferred_[i];
    task.is_deferred_ = false;
    task.on_tick_end();
  }
  deferred_.clear();
}

} // namespace hetzel::test::load
