#include "actors/messaging/delivery_batch.hpp"

#include <doctest/doctest.h>

namespace delivery_batch_test {

using namespace hetzel;
using namespace hetzel::messaging;

namespace {

constexpr auto most = static_cast<std::size_t>(transit_credit::in_transit_max);

struct sender {
  transit_credit credit;
  int woken = 0;

  std::shared_ptr<retained_batch> send(std::size_t messages) {
    auto batch = std::make_shared<retained_batch>();
    batch->items.resize(messages);
    batch->credit = &credit;
    batch->sender = this;
    batch->wake = [](void* whose) { ++static_cast<sender*>(whose)->woken; };
    credit.take(messages);
    return batch;
  }
};

} // namespace

TEST_CASE("a sender is stopped above the limit, not at it") {
  sender from;
  auto first = from.send(most);
  CHECK(!from.credit.is_exhausted());
  auto second = from.send(1);
  CHECK(from.credit.is_exhausted());
}

TEST_CASE("a batch that is destroyed unread gives its credit back") {
  sender from;
  auto batch = from.send(most + 1);
  batch.reset();
  CHECK(!from.credit.is_exhausted());
}

TEST_CASE("who waits is woken once, when half of the limit is free") {
  sender from;
  auto kept = from.send(most / 2);
  auto most_of_the_rest = from.send(most / 2);
  auto last = from.send(1);
  from.credit.await();
  last.reset();
  CHECK(from.woken == 0);
  most_of_the_rest.reset();
  CHECK(from.woken == 1);
  kept.reset();
  CHECK(from.woken == 1);
}

TEST_CASE("who does not wait is not woken") {
  sender from;
  from.send(most + 1).reset();
  CHECK(from.woken == 0);
}

} // namespace delivery_batch_test
