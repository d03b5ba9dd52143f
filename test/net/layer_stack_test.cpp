#include "actors/net/layer_stack.hpp"

#include "test/support/swapping_layer.hpp"

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>

namespace layer_stack_test {

using namespace hetzel;
using status = hetzel::net::transport_layer::status;
using hetzel::test::swapping_layer;

namespace {

/// Two layers that turn the case of letters: together they turn nothing.
struct stacked {
  net::layer_stack stack{std::make_unique<swapping_layer>(),
                         std::make_unique<swapping_layer>()};
  std::string up;
  mqtt::output_buffer down;
  mqtt::output_buffer output;

  /// What was written since the last call.
  std::string written() {
    std::array<mqtt::bytes_view, 8> parts;
    std::string result;
    const auto used = down.gather(parts);
    for (std::size_t i = 0; i < used; ++i)
      result += parts[i];
    down.clear();
    return result;
  }

  /// Both handshakes.
  void establish() {
    REQUIRE(stack.receive("Hh", up, down) == status::open);
    REQUIRE(stack.is_established());
    CHECK(written() == "hH");
  }
};

} // namespace

TEST_CASE("a stack is established when both of its layers are") {
  stacked s;
  CHECK_FALSE(s.stack.is_established());
  CHECK(s.stack.receive("H", s.up, s.down) == status::open);
  CHECK_FALSE(s.stack.is_established());
  CHECK(s.written() == "h");
  s.output.tail().append("early");
  s.stack.send(s.output, s.down, 100);
  CHECK(s.output.size() == 5);
  CHECK(s.stack.receive("h", s.up, s.down) == status::open);
  CHECK(s.stack.is_established());
  CHECK(s.written() == "H");
}

TEST_CASE("bytes pass both layers, up and down") {
  stacked s;
  s.establish();
  CHECK(s.stack.receive("up", s.up, s.down) == status::open);
  CHECK(s.up == "up");
  s.output.tail().append("down and on");
  s.stack.send(s.output, s.down, 4);
  CHECK(s.written() == "down");
  CHECK(s.output.size() == 7);
}

TEST_CASE("either layer's end and fault are the stack's") {
  stacked s;
  s.establish();
  SUBCASE("an end, after what came before it") {
    CHECK(s.stack.receive("x.", s.up, s.down) == status::ended);
    CHECK(s.up == "x");
  }
  SUBCASE("a fault below") {
    CHECK(s.stack.receive("x*", s.up, s.down) == status::failed);
    CHECK(s.stack.fault() == net::transport_fault::malformed);
    CHECK(s.stack.failure() == std::string{"a test's"});
  }
}

TEST_CASE("a fault of the upper layer is the stack's too") {
  stacked s;
  CHECK(s.stack.receive("Hx", s.up, s.down) == status::failed);
  CHECK(s.stack.fault() == net::transport_fault::foreign);
}

TEST_CASE("both layers announce the end, the upper one first") {
  stacked s;
  s.establish();
  s.stack.close(s.down);
  CHECK(s.written() == "~~");
}

} // namespace layer_stack_test
