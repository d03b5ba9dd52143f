// How reactors share a thread (compaction.hpp). A reactor's own thread, the
// host, stands still while the lead's thread runs it. Everything of a reactor
// passes from one thread to the other by the mutex of the lead's inbox, and
// back by that of the return signal.

#include "actors/runtime/reactor_implementation.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace hetzel::runtime {

namespace {

/// Gives the reactor back at the latest when nobody can take it in any more: a
/// lead that stops drops what was posted.
class loan {
public:
  explicit loan(return_signal& returned) noexcept : returned_(&returned) {}
  loan(const loan&) = delete;
  loan& operator=(const loan&) = delete;
  ~loan() {
    if (returned_)
      returned_->give();
  }

  void accept() noexcept { returned_ = nullptr; }

private:
  return_signal* returned_;
};

} // namespace

// -- sleep ----------------------------------------------------------------

/// All that this thread runs sleeps, or nothing does.
bool reactor::fall_asleep() {
  const auto& guests = impl_->guests;
  if (has_work() || !idle_.empty() || !impl_->inbox.try_sleep())
    return false;
  const auto busy
    = std::find_if(guests.begin(), guests.end(), [](reactor* guest) {
        return guest->impl_->is_io_ready || guest->has_work()
               || !guest->idle_.empty() || !guest->impl_->inbox.try_sleep();
      });
  if (busy == guests.end())
    return true;
  wake_up();
  return false;
}

void reactor::wake_up() noexcept {
  impl_->inbox.wake();
  for (reactor* guest : impl_->guests)
    guest->impl_->inbox.wake();
}

// -- the host's thread ----------------------------------------------------

void reactor::weigh_load() {
  auto& own = *impl_;
  const auto share = own.meter.share(now());
  if (share)
    own.share.store(*share, std::memory_order_relaxed);
  if (!own.guests.empty()) {
    const bool is_much
      = share && *share > own.options.compaction.return_above;
    if (is_much || own.meter.is_streak(now()))
      give_back(*own.guests.back());
  } else if (share && own.lead && !own.is_stopping) {
    const auto others = own.lead->impl_->share.load(std::memory_order_relaxed);
    if (own.lending.is_due(now(), *share, others))
      lend();
  }
}

void reactor::lend() {
  auto& lead = *impl_->lead;
  auto terms = std::make_shared<loan>(impl_->returned);
  lead.post([this, &lead, terms = std::move(terms)] {
    terms->accept();
    lead.take_in(*this);
  });
  impl_->returned.await();
  become_current();
  impl_->meter = load_meter{impl_->options.compaction, now()};
  impl_->lending.returned(now());
}

// -- the lead's thread ----------------------------------------------------

void reactor::take_in(reactor& guest) {
  auto& others = *guest.impl_;
  if (!impl_->io.add_level(others.io.descriptor(), others))
    return others.returned.give();
  others.waker.store(&impl_->io, std::memory_order_release);
  others.lendings.add(1);
  // What it heard before, and did not come to.
  others.is_io_ready = true;
  impl_->guests.push_back(&guest);
}

void reactor::give_back(reactor& guest) noexcept {
  auto& others = *guest.impl_;
  std::erase(impl_->guests, &guest);
  impl_->io.remove(others.io.descriptor(), others);
  others.waker.store(&others.io, std::memory_order_release);
  others.returned.give();
}

void reactor::run_guests() {
  auto& guests = impl_->guests;
  for (std::size_t i = 0; i < guests.size();) {
    reactor& guest = *guests[i];
    if (guest.impl_->is_stopping.load(std::memory_order_relaxed)) {
      give_back(guest);
    } else {
      guest.run_as_guest(now());
      ++i;
    }
  }
  if (!guests.empty())
    become_current();
}

void reactor::run_as_guest(time_point now) {
  const auto next = timers_.next();
  const bool is_due = next && *next <= now;
  if (!impl_->is_io_ready && !has_work() && !is_due && idle_.empty())
    return;
  become_current();
  const bool is_ready = std::exchange(impl_->is_io_ready, false);
  if (is_ready) {
    impl_->io.wait(std::chrono::nanoseconds{0});
    guarded("io", [this] { impl_->io.handle(); });
  }
  turn(!is_ready);
}

} // namespace hetzel::runtime
