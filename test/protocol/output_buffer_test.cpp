#include "protocol/output_buffer.hpp"

#include "protocol/assert.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>

namespace output_buffer_test {

using namespace hetzel::mqtt;

namespace {

message_ptr make_message(std::size_t size, char fill) {
  std::string payload(size, fill);
  message_fields fields;
  fields.payload = payload;
  return message::make(fields);
}

void append_payload(output_buffer& out, const message_ptr& source) {
  out.append(source, source->payload());
}

std::string gathered(const output_buffer& out) {
  std::array<bytes_view, 64> parts;
  auto used = out.gather(parts);
  std::string all;
  for (std::size_t i = 0; i < used; ++i)
    all += parts[i];
  return all;
}

} // namespace

TEST_CASE("what is appended comes out in order") {
  output_buffer out;
  CHECK(out.empty());
  out.tail() += "head ";
  append_payload(out, make_message(3, 'x'));
  out.tail() += " end";
  CHECK(out.size() == 12);
  CHECK(gathered(out) == "head xxx end");
}

TEST_CASE("a large payload is referenced, a small one copied") {
  auto large = make_message(output_buffer::shared_min_bytes, 'L');
  auto small = make_message(output_buffer::shared_min_bytes - 1, 's');
  output_buffer out;
  append_payload(out, large);
  append_payload(out, small);
  std::array<bytes_view, 4> parts;
  REQUIRE(out.gather(parts) == 2);
  CHECK(parts[0].data() == large->payload().data());
  CHECK(parts[1] == small->payload());
  CHECK(parts[1].data() != small->payload().data());
}

TEST_CASE("a referenced payload outlives the last other owner") {
  output_buffer out;
  append_payload(out, make_message(20'000, 'L'));
  CHECK(gathered(out) == std::string(20'000, 'L'));
}

TEST_CASE("gather stops when its parts are used up") {
  output_buffer out;
  out.tail() += "a";
  append_payload(out, make_message(20'000, 'L'));
  out.tail() += "b";
  std::array<bytes_view, 2> two;
  CHECK(out.gather(two) == 2);
  std::array<bytes_view, 1> one;
  REQUIRE(out.gather(one) == 1);
  CHECK(one[0] == "a");
  CHECK(out.gather({}) == 0);
}

TEST_CASE("a payload at the very front has no empty part before it") {
  output_buffer out;
  append_payload(out, make_message(20'000, 'L'));
  append_payload(out, make_message(20'000, 'M'));
  std::array<bytes_view, 8> parts;
  CHECK(out.gather(parts) == 2);
}

TEST_CASE("any partial writes give the bytes that one write would give") {
  std::mt19937 random{7};
  auto below = [&random](std::size_t limit) { return random() % limit; };
  for (int round = 0; round < 50; ++round) {
    output_buffer out;
    std::string expected;
    std::string written;
    for (int step = 0; step < 200; ++step) {
      auto fill = static_cast<char>('a' + step % 26);
      if (below(8) == 0) {
        auto size = output_buffer::shared_min_bytes - 2 + below(5);
        append_payload(out, make_message(size, fill));
        expected.append(size, fill);
      } else {
        auto size = below(300);
        out.tail().append(size, fill);
        expected.append(size, fill);
      }
      auto count = below(out.size() + 1);
      written += gathered(out).substr(0, count);
      out.consume(count);
      REQUIRE(out.size() == expected.size() - written.size());
    }
    written += gathered(out);
    CHECK(written == expected);
  }
}

TEST_CASE("to consume more than there is, is our fault") {
  output_buffer out;
  out.tail() += "abc";
  CHECK_THROWS_AS(out.consume(4), hetzel::assertion_failed);
}

TEST_CASE("an emptied buffer owns no memory") {
  output_buffer out;
  out.tail() += "abc";
  out.consume(3);
  CHECK(out.empty());
  // A buffer with memory would have been handed the same string again.
  output_buffer other;
  auto* first = other.tail().data();
  CHECK(out.tail().data() != first);
}

TEST_CASE("a string of the pool comes back empty") {
  {
    output_buffer out;
    out.tail() += "secret of another client";
  }
  output_buffer next;
  CHECK(next.tail().empty());
}

TEST_CASE("a reader that never catches up does not make the buffer grow") {
  output_buffer out;
  for (int i = 0; i < 10'000; ++i) {
    out.tail().append(1000, 'x');
    if (out.size() > 3000)
      out.consume(1000);
  }
  CHECK(out.size() <= 3000);
  CHECK(out.tail().capacity() < 200'000);
}

TEST_CASE("a moved buffer takes its bytes along") {
  output_buffer out;
  out.tail() += "abc";
  append_payload(out, make_message(20'000, 'L'));
  output_buffer moved{std::move(out)};
  CHECK(out.empty());
  CHECK(moved.size() == 20'003);
  out.tail() += "new";
  out = std::move(moved);
  CHECK(out.size() == 20'003);
  CHECK(moved.empty());
  out.clear();
  CHECK(out.empty());
}

TEST_CASE("what one buffer takes of another comes behind its own, in order, "
          "and large payloads stay references") {
  const auto large = make_message(output_buffer::shared_min_bytes, 'L');
  const auto build = [&](output_buffer& out) {
    out.tail() += "head ";
    append_payload(out, large);
    out.tail() += "middle";
    append_payload(out, large);
    append_payload(out, large);
    out.tail() += " end";
  };
  output_buffer whole;
  build(whole);
  const auto all = gathered(whole);
  std::mt19937 random{11};
  for (int round = 0; round < 100; ++round) {
    output_buffer from;
    build(from);
    output_buffer into;
    std::string expected;
    while (!from.empty()) {
      const std::size_t sizes[]
        = {random() % 8, random() % all.size(), from.size()};
      const auto size = std::min(sizes[random() % 3], from.size());
      const auto before = all.size() - from.size();
      into.tail() += '|';
      into.take(from, size);
      expected += '|' + all.substr(before, size);
      CHECK(from.size() == all.size() - before - size);
      CHECK(into.size() == expected.size());
    }
    REQUIRE((gathered(into) == expected));
  }
  output_buffer into;
  into.take(whole, whole.size());
  CHECK(whole.empty());
  std::array<bytes_view, 8> parts;
  REQUIRE(into.gather(parts) == 6);
  CHECK(parts[1].data() == large->payload().data());
}

TEST_CASE("a buffer takes what was partly written already") {
  const auto large = make_message(output_buffer::shared_min_bytes, 'L');
  output_buffer from;
  from.tail() += "head";
  append_payload(from, large);
  from.tail() += "tail";
  from.consume(4 + 10);
  output_buffer into;
  into.take(from, from.size() - 1);
  CHECK(gathered(into)
        == std::string(output_buffer::shared_min_bytes - 10, 'L') + "tai");
  CHECK(gathered(from) == "l");
}

} // namespace output_buffer_test
