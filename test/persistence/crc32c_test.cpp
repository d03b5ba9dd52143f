#include "persistence/crc32c.hpp"

#include <doctest/doctest.h>

#include <string>

namespace crc32c_test {

using namespace hetzel::persistence;

TEST_CASE("CRC-32C gives the values of its definition [RFC 3720, B.4]") {
  CHECK(crc32c("123456789") == 0xe3069283U);
  CHECK(crc32c(std::string(32, '\0')) == 0x8a9136aaU);
  CHECK(crc32c(std::string(32, '\xff')) == 0x62a8ab43U);
  CHECK(crc32c("") == 0);
}

TEST_CASE("CRC-32C is the same with and without the processor's instruction, "
          "in one piece and in two") {
  std::string bytes;
  for (int at = 0; at < 77; ++at) {
    CHECK(crc32c(bytes) == crc32c_portable(bytes));
    for (std::size_t cut = 0; cut <= bytes.size(); cut += 5) {
      const auto head = crc32c(bytes.substr(0, cut));
      CHECK(crc32c(bytes.substr(cut), head) == crc32c(bytes));
    }
    bytes += static_cast<char>(at * 37);
  }
}

} // namespace crc32c_test
