#include "cluster/metadata/retained_record.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace retained_record_test {

using namespace hetzel::cluster;
using namespace std::string_literals;
namespace mqtt = hetzel::mqtt;

TEST_CASE("a retained record has exactly these bytes") {
  const unix_time end{std::chrono::milliseconds{0x0102}};
  CHECK(encode(retained_record{mqtt::qos::at_least_once, end, "pp", "load"})
        == "\1\1\2\1\0\0\0\0\0\0\2pp\4load"s);
}

TEST_CASE("a retained record is read as it was written, never in part") {
  const std::string payload(70'000, 'x');
  for (const auto& record :
       {retained_record{mqtt::qos::exactly_once, std::nullopt, "", payload},
        retained_record{mqtt::qos::at_most_once,
                        unix_time{std::chrono::milliseconds{1'790'000'000'000}},
                        "\1\1", "x"}}) {
    const auto bytes = encode(record);
    const auto read = decode_retained_record(bytes);
    REQUIRE(read);
    CHECK(*read == record);
    for (std::size_t size = 0; size < std::min<std::size_t>(bytes.size(), 40);
         ++size)
      CHECK_FALSE(decode_retained_record(bytes.substr(0, size)));
    CHECK_FALSE(decode_retained_record(bytes + 'x'));
  }
}

TEST_CASE("a retained record of QoS 3 or of a time no clock has is refused") {
  auto bytes = encode(retained_record{});
  bytes[1] = 3;
  CHECK_FALSE(decode_retained_record(bytes));
  bytes = encode(retained_record{});
  bytes[9] = '\x7f';
  CHECK_FALSE(decode_retained_record(bytes));
}

} // namespace retained_record_test
