#include "actors/messaging/storage/answer_line.hpp"

#include <doctest/doctest.h>

#include <string>

namespace storage_answer_line_test {

using namespace hetzel;
using hetzel::messaging::answer_line;

namespace {

std::string released(answer_line& line) {
  std::string ids;
  line.release([&](const answer_line::answer& one) {
    ids += (ids.empty() ? "" : " ") + std::to_string(one.id);
  });
  return ids;
}

void add(answer_line& line, mqtt::packet_id id, std::uint8_t awaits) {
  line.add({id, mqtt::qos::at_least_once, mqtt::reason_code::success, awaits});
}

} // namespace

TEST_CASE("answers leave in the order of the PUBLISH packets, whichever "
          "message is stored first [MQTT-4.6.0-2]") {
  answer_line line;
  const auto first = line.next_number();
  add(line, 7, 1);
  const auto second = line.next_number();
  add(line, 8, 1);
  add(line, 9, 0);
  CHECK(released(line).empty());
  --line.find(second)->awaits;
  CHECK(released(line).empty());
  --line.find(first)->awaits;
  CHECK(released(line) == "7 8 9");
  CHECK(line.empty());
}

TEST_CASE("an answer that left is not found any more, and numbers go on") {
  answer_line line;
  for (std::uint32_t i = 0; i < 1'000; ++i) {
    const auto number = line.next_number();
    CHECK(number == i);
    add(line, 1, 1);
    if (i >= 100) {
      REQUIRE(line.find(i - 100));
      line.find(i - 100)->awaits = 0;
      CHECK(released(line) == "1");
      CHECK(!line.find(i - 100));
    }
  }
  CHECK(!line.find(1'000));
  CHECK(line.find(999));
}

} // namespace storage_answer_line_test
