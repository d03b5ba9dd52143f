#include "test/load/connect_queue.hpp"

#include "test/load/client.hpp"

namespace hetzel::test::load {

void connect_queue::open_next() {
  // `open` may fail at once and come back through on_answered: no recursion.
  if (is_opening_ || is_paced_)
    return;
  is_opening_ = true;
  while (open_due()) {
  }
  is_opening_ = false;
}

bool connect_queue::open_due() {
  if (pending_ >= concurrency_ || waiting_.empty())
    return false;
  auto& next = *waiting_.front();
  waiting_.pop_front();
  ++pending_;
  next.open(server_);
  return true;
}

} // namespace hetzel::test::load
