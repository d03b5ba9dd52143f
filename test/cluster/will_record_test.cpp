#include "cluster/metadata/will_record.hpp"

#include <doctest/doctest.h>

#include <string>

namespace will_record_test {

using namespace hetzel::cluster;
using namespace std::chrono_literals;
using namespace std::string_literals;
namespace mqtt = hetzel::mqtt;

namespace {

will_record full_will() {
  return {"a/b", "\3\0\1x"s, "gone", mqtt::qos::exactly_once, true, 30s, 60s,
          unix_time{std::chrono::milliseconds{0x0102030405}}};
}

std::string bytes_of(const will_record& will) {
  std::string bytes;
  byte_writer out{bytes};
  write(out, will);
  return bytes;
}

bool is_sound(std::string_view bytes) {
  byte_reader in{bytes};
  static_cast<void>(read_will(in));
  return in.finish() == errc::none;
}

} // namespace

TEST_CASE("a will has exactly these bytes") {
  CHECK(bytes_of(full_will())
        == "\x1e\x1e\0\0\0\x3c\0\0\0\5\4\3\2\1\0\0\0\3a/b\4\3\0\1x\4gone"s);
  CHECK(bytes_of({"t", "", "", {}, false, 0s, {}, {}})
        == "\0\0\0\0\0\1t\0\0"s);
}

TEST_CASE("a will is read as it was written, never in part") {
  for (const auto& will :
       {full_will(), will_record{"t", "", "p", {}, false, 0s, {}, {}}}) {
    const auto bytes = bytes_of(will);
    byte_reader in{bytes};
    CHECK(read_will(in) == will);
    CHECK(in.finish() == errc::none);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CHECK(!is_sound(bytes.substr(0, size)));
    CHECK(!is_sound(bytes + 'x'));
  }
}

TEST_CASE("a will that no CONNECT could have had is refused") {
  const auto with_flags = [](char flags) {
    return std::string(1, flags) + "\0\0\0\0\1t\0\0"s;
  };
  CHECK(is_sound(with_flags(2)));
  CHECK(!is_sound(with_flags(3)));    // QoS 3
  CHECK(!is_sound(with_flags(0x20))); // a flag that there is not
  CHECK(!is_sound("\x10\0\0\0\0\0\0\0\0\0\0\0\0\1t\0\0"s)); // due never
  CHECK(!is_sound("\0\0\0\0\0\0\0\0"s));                    // no topic
  CHECK(!is_sound(bytes_of({std::string(65'536, 't'), "", "", {}, false, 0s,
                            {}, {}})));
  CHECK(!is_sound(bytes_of({"t", "", std::string(65'536, 'p'), {}, false, 0s,
                            {}, {}})));
}

} // namespace will_record_test
