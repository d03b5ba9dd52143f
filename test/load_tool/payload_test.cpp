#include "test/load/payload.hpp"

#include <doctest/doctest.h>

namespace payload_test {

using namespace hetzel::test::load;

TEST_CASE("a stamp is read as it was written") {
  auto payload = make_payload(64);
  write_stamp(payload.data(), {123'456'789'012, 7, 42});
  const auto stamp = read_stamp(payload);
  CHECK(stamp.sent_ns == 123'456'789'012);
  CHECK(stamp.publisher == 7);
  CHECK(stamp.sequence == 42);
}

TEST_CASE("a payload of another size is foreign") {
  const payload_check check{64, false};
  CHECK(check.accepts(make_payload(64)));
  CHECK_FALSE(check.accepts(make_payload(63)));
  CHECK_FALSE(check.accepts(""));
}

TEST_CASE("a damaged byte is seen when every byte is compared") {
  auto payload = make_payload(64);
  payload[40] = '\n';
  CHECK(payload_check{64, false}.accepts(payload));
  CHECK_FALSE(payload_check{64, true}.accepts(payload));
}

TEST_CASE("the stamp is no damage") {
  auto payload = make_payload(20);
  write_stamp(payload.data(), {~0ULL, 1, 2});
  CHECK(payload_check{20, true}.accepts(payload));
}

} // namespace payload_test
