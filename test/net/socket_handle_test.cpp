#include "actors/net/socket_handle.hpp"

#include "test/support/net_peer.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <utility>

#include <unistd.h>

namespace socket_handle_test {

using hetzel::net::socket_handle;
using hetzel::test::make_stream_pair;

// Whether a socket is closed, its peer tells: a look at the number itself
// would meet whatever got it next.

TEST_CASE("a socket is closed with its handle") {
  auto pair = make_stream_pair();
  {
    const socket_handle owner{std::move(pair.ours)};
    CHECK(owner);
  }
  CHECK(pair.theirs.end() == "closed");
}

TEST_CASE("a handle without a socket owns nothing, closed as often as one "
          "likes") {
  socket_handle none;
  CHECK_FALSE(none);
  CHECK(none.get() == -1);
  none.close();
  none.close();
  auto pair = make_stream_pair();
  pair.ours.close();
  CHECK_FALSE(pair.ours);
  pair.ours.close();
  CHECK(pair.theirs.end() == "closed");
}

TEST_CASE("a moved handle has given its socket away, still open") {
  auto pair = make_stream_pair();
  std::optional<socket_handle> old{std::move(pair.ours)};
  const int descriptor = old->get();
  const socket_handle next{std::move(*old)};
  CHECK_FALSE(*old);
  CHECK(next.get() == descriptor);
  old.reset();
  pair.theirs.send("x");
  char byte = 0;
  CHECK(::read(next.get(), &byte, 1) == 1);
}

TEST_CASE("an assigned handle's former socket is closed with the source") {
  auto first = make_stream_pair();
  auto second = make_stream_pair();
  socket_handle target{std::move(first.ours)};
  {
    socket_handle source{std::move(second.ours)};
    target = std::move(source);
  }
  CHECK(first.theirs.end() == "closed");
  second.theirs.send("x");
  char byte = 0;
  CHECK(::read(target.get(), &byte, 1) == 1);
}

TEST_CASE("a released socket is the caller's to close") {
  auto pair = make_stream_pair();
  int descriptor = -1;
  {
    socket_handle owner{std::move(pair.ours)};
    descriptor = owner.release();
    CHECK_FALSE(owner);
  }
  CHECK(::write(descriptor, "x", 1) == 1);
  CHECK(pair.theirs.receive(1) == "x");
  CHECK(::close(descriptor) == 0);
}

} // namespace socket_handle_test
