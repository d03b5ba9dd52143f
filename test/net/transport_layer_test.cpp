#include "actors/net/transport_layer.hpp"

#include "test/support/swapping_layer.hpp"

#include <doctest/doctest.h>

#include <array>
#include <set>
#include <string>

namespace transport_layer_test {

using namespace hetzel;
using hetzel::net::last_bytes;
using hetzel::net::transport_fault;

namespace {

mqtt::output_buffer holding(std::string_view text) {
  mqtt::output_buffer result;
  result.tail().append(text);
  return result;
}

std::string text_of(const mqtt::output_buffer& buffer) {
  std::array<mqtt::bytes_view, 8> parts;
  std::string result;
  const auto used = buffer.gather(parts);
  for (std::size_t i = 0; i < used; ++i)
    result += parts[i];
  return result;
}

} // namespace

TEST_CASE("the last bytes of a plain connection are its output") {
  CHECK(text_of(last_bytes(nullptr, holding("bye"))) == "bye");
}

TEST_CASE("the last bytes of a layered one are in its layers' form, with their "
          "own end") {
  auto layered = test::make_swapping();
  std::string up;
  REQUIRE(layered->layer->receive("H", up, layered->down)
          == net::transport_layer::status::open);
  CHECK(text_of(last_bytes(std::move(layered), holding("bye"))) == "hBYE~");
}

TEST_CASE("before the handshake is through nothing but its own is written") {
  CHECK(text_of(last_bytes(test::make_swapping(), holding("bye"))).empty());
}

TEST_CASE("every fault has a name of its own") {
  std::set<std::string> names;
  for (std::size_t i = 0; i < net::transport_fault_count; ++i)
    names.insert(to_string(static_cast<transport_fault>(i)));
  CHECK(names.size() == net::transport_fault_count);
}

} // namespace transport_layer_test
