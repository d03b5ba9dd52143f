#include "persistence/record.hpp"

#include <doctest/doctest.h>

#include <string>

namespace record_test {

using namespace hetzel::persistence;

namespace {

std::string sealed(const std::string& key, const std::string& payload) {
  std::string out(seal_size, '\0');
  seal_record(key, payload, out.data());
  return out + payload;
}

} // namespace

TEST_CASE("a record has the same bytes on every machine") {
  // CRC-32C of 01 00 00 00 'k' 'v', little-endian.
  const auto bytes = sealed("k", "v");
  REQUIRE(bytes.size() == 5);
  const auto crc = record_checksum("k", "v");
  for (std::size_t at = 0; at < 4; ++at)
    CHECK(static_cast<unsigned char>(bytes[at]) == ((crc >> (8 * at)) & 0xffU));
  CHECK(bytes[4] == 'v');
}

TEST_CASE("every flipped bit of a record is found") {
  const std::string key = "some key";
  const auto good = sealed(key, "some value");
  REQUIRE(open_record(key, good).has_value());
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    CHECK_FALSE(open_record(key, bad).has_value());
  }
}

TEST_CASE("a record that lost its end is found, down to nothing") {
  const auto good = sealed("key", "value");
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK(open_record("key", good.substr(0, size)).error() == errc::corrupt);
}

TEST_CASE("a record that turns up under another key is found") {
  const auto good = sealed("key", "value");
  CHECK_FALSE(open_record("kez", good).has_value());
  CHECK_FALSE(open_record("", good).has_value());
  // Key and value in one: what was the key's end is now the value's beginning.
  CHECK(record_checksum("ab", "c") != record_checksum("a", "bc"));
}

TEST_CASE("an empty value is a value") {
  const auto opened = open_record("key", sealed("key", ""));
  REQUIRE(opened.has_value());
  CHECK(opened->empty());
}

} // namespace record_test
