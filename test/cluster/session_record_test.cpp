#include "cluster/metadata/session_record.hpp"

#include <doctest/doctest.h>

#include <string>

namespace session_record_test {

using namespace hetzel::cluster;
using namespace std::chrono_literals;
using namespace std::string_literals;
namespace mqtt = hetzel::mqtt;

namespace {

constexpr unix_time some_time{std::chrono::milliseconds{0x0102030405}};

} // namespace

TEST_CASE("a session record has exactly these bytes") {
  CHECK(encode(session_record{5, 3600s, some_time})
        == "\1\5\x10\x0e\0\0\5\4\3\2\1\0\0\0"s);
  CHECK(encode(session_record{0, std::nullopt, std::nullopt})
        == "\1\0\xff\xff\xff\xff\0\0\0\0\0\0\0\0"s);
}

TEST_CASE("a subscription record has exactly these bytes") {
  const mqtt::subscription_options options{
    mqtt::qos::exactly_once, true, true, mqtt::retain_handling::do_not_send};
  CHECK(encode(subscription_record{options, 300, 7}) == "\1\x2e\xac\2\7"s);
}

TEST_CASE("a session record is read as it was written, never in part") {
  for (const auto& record :
       {session_record{5, 3600s, some_time},
        session_record{1ULL << 40U, std::nullopt, std::nullopt}}) {
    const auto bytes = encode(record);
    const auto read = decode_session_record(bytes);
    REQUIRE(read);
    CHECK(*read == record);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CHECK_FALSE(decode_session_record(bytes.substr(0, size)));
    CHECK_FALSE(decode_session_record(bytes + 'x'));
  }
}

TEST_CASE("a subscription record is read as it was written, never in part") {
  const subscription_record record{
    {mqtt::qos::at_least_once, false, true, mqtt::retain_handling::send_if_new},
    268'435'455,
    9};
  const auto bytes = encode(record);
  const auto read = decode_subscription_record(bytes);
  REQUIRE(read);
  CHECK(*read == record);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(decode_subscription_record(bytes.substr(0, size)));
  CHECK_FALSE(decode_subscription_record(bytes + 'x'));
}

TEST_CASE("a session record with a will is of the next version, and is read "
          "as it was written, never in part") {
  const session_record record{
    5, 3600s, some_time,
    will_record{"t", "", "gone", mqtt::qos::at_least_once, false, 30s, {},
                some_time}};
  const auto bytes = encode(record);
  CHECK(bytes
        == "\2\5\20\16\0\0\5\4\3\2\1\0\0\0"
           "\25\21\36\0\0\0\5\4\3\2\1\0\0\0\1t\0\4gone"s);
  CHECK(*decode_session_record(bytes) == record);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(decode_session_record(bytes.substr(0, size)));
  CHECK_FALSE(decode_session_record(bytes + 'x'));
  // A byte of the record that the will's length does not reach.
  auto longer = bytes;
  longer[14] = '\24';
  CHECK_FALSE(decode_session_record(longer));
}

TEST_CASE("fields that a later version added are ignored") {
  auto session
    = encode(session_record{5, 3600s, some_time}) + std::string{"\0more", 5};
  session[0] = 3;
  CHECK(decode_session_record(session)->epoch == 5);
  CHECK(!decode_session_record(session)->will);
  auto subscription = encode(subscription_record{{}, 0, 7}) + "more";
  subscription[0] = 2;
  CHECK(decode_subscription_record(subscription)->epoch == 7);
}

TEST_CASE("a subscription record with an impossible option is refused") {
  for (const char options : {'\x03', '\x30'}) {
    auto bytes = encode(subscription_record{});
    bytes[1] = options;
    CHECK_FALSE(decode_subscription_record(bytes));
  }
}

} // namespace session_record_test
