#include "plugins/scram/scram_entry.hpp"
#include "plugins/scram/scram_table.hpp"

#include <doctest/doctest.h>

#include <string>

namespace scram_table_test {

using namespace hetzel;
using namespace hetzel::plugins;

namespace {

std::string entry(scram_mechanism mechanism, mqtt::bytes_view password,
                  std::string salt = "0123456789abcdef",
                  std::uint32_t iterations = 4'096) {
  return format_scram_entry(
    derive_scram(mechanism, password, {salt, iterations}));
}

text_fault fault_of(const std::string& text) {
  auto table = scram_table::parse(text);
  REQUIRE_FALSE(table);
  return table.error();
}

} // namespace

TEST_CASE("an entry is the one of RFC 7677's user, written as it was read") {
  const std::string salt = "\x5b\x6d\x99\x68\x9d\x12\x35\x8e\xec\xa0\x4b\x14"
                           "\x12\x36\xfa\x81";
  const std::string text = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
                           "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
                           "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
  CHECK(entry(scram_mechanism::sha256, "pencil", salt) == text);
  const auto read = parse_scram_entry(text);
  REQUIRE(read);
  CHECK(format_scram_entry(*read) == text);
}

TEST_CASE("a user has an entry per mechanism, the last one holds") {
  const auto table = scram_table::parse(
    "# users\n\nbob:" + entry(scram_mechanism::sha256, "old") + "\nbob:"
    + entry(scram_mechanism::sha256, "new") + "\nbob:"
    + entry(scram_mechanism::sha512, "x") + "\nann:$6$eA==$eA==\n");
  REQUIRE(table);
  CHECK(table->size(scram_mechanism::sha256) == 1);
  CHECK(table->size(scram_mechanism::sha512) == 1);
  const auto* bob = table->find(scram_mechanism::sha256, "bob");
  REQUIRE(bob != nullptr);
  CHECK(bob->stored_key
        == derive_scram(scram_mechanism::sha256, "new",
                        {"0123456789abcdef", 4'096})
             .credentials.stored_key);
  CHECK(table->find(scram_mechanism::sha256, "ann") == nullptr);
}

TEST_CASE("a broken line is found by its number") {
  const auto good = "bob:" + entry(scram_mechanism::sha256, "x") + "\n";
  CHECK(fault_of(good + "ann").line == 2);
  CHECK(fault_of(good + "\nann:secret").line == 3);
  CHECK(fault_of("ann:SCRAM-SHA-1$4096:MDEyMzQ1Njc4OWFi$eA==:eA==").line == 1);
  CHECK(fault_of("ann:SCRAM-SHA-256$100:MDEyMzQ1Njc4OWFi$eA==:eA==").line == 1);
  CHECK(fault_of("ann:SCRAM-SHA-256$4096:eA==$eA==:eA==").line == 1);
  CHECK(fault_of("ann:SCRAM-SHA-256$4096:MDEyMzQ1Njc4OWFi$eA==:eA==").line
        == 1);
  CHECK(fault_of("ann:SCRAM-SHA-256").line == 1);
}

TEST_CASE("stand-ins look like most entries and depend on the secret alone") {
  const auto table = scram_table::parse(
    "a:" + entry(scram_mechanism::sha256, "x", std::string(24, 's'), 5'000)
    + "\nb:" + entry(scram_mechanism::sha256, "x", std::string(24, 't'), 5'000)
    + "\nc:" + entry(scram_mechanism::sha256, "x") + "\n");
  REQUIRE(table);
  const auto made = [&](mqtt::bytes_view user, mqtt::bytes_view secret) {
    return table->stand_in(scram_mechanism::sha256, user, secret);
  };
  CHECK(made("eve", "k").iterations == 5'000);
  CHECK(made("eve", "k").salt.size() == 24);
  CHECK(made("eve", "k").salt == made("eve", "k").salt);
  CHECK(made("eve", "k").salt != made("eva", "k").salt);
  CHECK(made("eve", "k").salt != made("eve", "l").salt);
  CHECK(made("eve", "k").stored_key.size() == 32);
}

} // namespace scram_table_test
