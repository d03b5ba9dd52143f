#include "actors/runtime/poller.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <system_error>

#include <sys/eventfd.h>
#include <unistd.h>

namespace hetzel::runtime {

namespace {

constexpr unsigned input = EPOLLIN | EPOLLRDHUP;
constexpr unsigned ending = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

int milliseconds(const poller::timeout& longest) noexcept {
  if (!longest)
    return -1;
  const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(*longest);
  constexpr auto most = std::int64_t{std::numeric_limits<int>::max()};
  return static_cast<int>(
    std::clamp<std::int64_t>(rounded.count(), 0, most));
}

readiness readiness_of(unsigned events) noexcept {
  const bool is_ending = (events & ending) != 0;
  return {.readable = is_ending || (events & EPOLLIN) != 0,
          .writable = is_ending || (events & EPOLLOUT) != 0,
          .is_ending = is_ending};
}

[[noreturn]] void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

} // namespace

// The interrupter is edge-triggered too: each write ends a wait, and nobody has
// to read it empty. A counter of 64 bits does not run full.
poller::poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0)
    fail("epoll_create1");
  interrupter_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (interrupter_ < 0
      || !control(EPOLL_CTL_ADD, interrupter_, nullptr, EPOLLIN | EPOLLET)) {
    const int error = errno;
    if (interrupter_ >= 0)
      ::close(interrupter_);
    ::close(epoll_);
    errno = error;
    fail("eventfd");
  }
}

poller::~poller() {
  ::close(interrupter_);
  ::close(epoll_);
}

bool poller::add(int descriptor, io_handler& handler) noexcept {
  return control(EPOLL_CTL_ADD, descriptor, &handler, input | EPOLLET);
}

bool poller::add_level(int descriptor, io_handler& handler) noexcept {
  return control(EPOLL_CTL_ADD, descriptor, &handler, input);
}

void poller::rearm(int descriptor, io_handler& handler,
                   bool writable) noexcept {
  control(EPOLL_CTL_MOD, descriptor, &handler,
          input | EPOLLET | (writable ? unsigned{EPOLLOUT} : 0U));
}

void poller::remove(int descriptor, io_handler& handler) noexcept {
  control(EPOLL_CTL_DEL, descriptor, nullptr, 0);
  for (auto i = next_; i < found_; ++i)
    if (events_[i].data.ptr == &handler)
      events_[i].data.ptr = nullptr;
}

void poller::wait(timeout longest) noexcept {
  if (next_ < found_)
    return;
  const int count = ::epoll_wait(epoll_, events_.data(),
                                 static_cast<int>(events_.size()),
                                 milliseconds(longest));
  next_ = 0;
  found_ = count > 0 ? static_cast<std::size_t>(count) : 0;
}

void poller::interrupt() noexcept {
  const std::uint64_t one = 1;
  static_cast<void>(::write(interrupter_, &one, sizeof one));
}

void poller::handle() {
  while (next_ < found_) {
    const auto event = events_[next_++];
    if (auto* handler = static_cast<io_handler*>(event.data.ptr))
      handler->on_ready(readiness_of(event.events));
  }
}

bool poller::control(int operation, int descriptor, io_handler* handler,
                     unsigned events) noexcept {
  epoll_event event{};
  event.events = events;
  event.data.ptr = handler;
  return ::epoll_ctl(epoll_, operation, descriptor, &event) == 0;
}

} // namespace hetzel::runtime
