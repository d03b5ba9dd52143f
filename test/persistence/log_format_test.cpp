#include "persistence/engine/log_format.hpp"

#include "test/support/store_files.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

namespace log_format_test {

using namespace hetzel::persistence;
using namespace hetzel::test;

namespace {

using list = std::vector<std::string>;

list records_in(std::string_view log, std::size_t* skipped = nullptr) {
  list out;
  log_walk walk(log);
  while (auto record = walk.next())
    out.push_back(*std::move(record));
  if (skipped != nullptr)
    *skipped = walk.skipped_bytes();
  return out;
}

std::string log_of(const list& records) {
  std::string log;
  for (const auto& record : records)
    append_log_record(log, record);
  return log;
}

} // namespace

TEST_CASE("records of any size come back from a log, across its blocks too") {
  std::mt19937 random(1);
  list records;
  // Sizes around what is left of a block, and of several blocks.
  for (const std::size_t size :
       {0U, 1U, 32'740U, 3U, 32'761U, 32'760U, 32'761U, 100'000U, 0U, 7U})
    records.emplace_back(size, static_cast<char>(random()));
  const auto log = log_of(records);
  CHECK(records_in(log) == records);
  const auto seen = audit_log(log);
  CHECK(seen.ending == log_ending::whole);
  CHECK(seen.records == records.size());
  CHECK(seen.sound_bytes == log.size());
}

TEST_CASE("the log that LevelDB writes is read as it was meant") {
  temporary_directory place;
  {
    const auto store = open_store(place.path("s"));
    for (int at = 0; at < 50; ++at)
      put(*store, "key" + std::to_string(at),
          std::string(static_cast<std::size_t>(at) * 400, 'v'));
  }
  const auto logs = files(place.path("s"), ".log");
  REQUIRE(logs.size() == 1);
  const auto log = slurp(place.path("s") + "/" + logs[0]);
  CHECK(audit_log(log).ending == log_ending::whole);
  const auto records = records_in(log);
  REQUIRE(records.size() == 50);
  CHECK(records[7].find("key7") != std::string::npos);
  CHECK(log_of(records) == log);
}

TEST_CASE("a log that ends anywhere is cut short there, never damaged, and its "
          "whole records are kept") {
  const auto log = log_of({"one", std::string(40'000, '2'), "three"});
  const auto first = log_of({"one"}).size();
  const auto second = log_of({"one", std::string(40'000, '2')}).size();
  // All around heads and blocks, and here and there within payloads.
  for (std::size_t size = 0; size < log.size(); ++size) {
    const auto near = [size](std::size_t place) {
      return size + 20 > place && size < place + 20;
    };
    if (!near(first) && !near(second) && !near(log_block_size)
        && size % 211 != 0)
      continue;
    const auto seen = audit_log(std::string_view(log).substr(0, size));
    const auto whole = size < first ? 0 : size < second ? first : second;
    REQUIRE(seen.sound_bytes == whole);
    REQUIRE(seen.ending
            == (size == whole ? log_ending::whole : log_ending::cut_short));
  }
}

TEST_CASE("every flipped bit with sound records behind it is damage, however "
          "much it looks like an end") {
  const auto head = log_of({"first record"});
  const auto log = log_of({"first record", "second record", "third record"});
  const auto last = log_of({"first record", "second record"}).size();
  for (std::size_t bit = 0; bit < last * 8; ++bit) {
    auto bad = log;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    const auto seen = audit_log(bad);
    REQUIRE(seen.ending == log_ending::damaged);
    REQUIRE(seen.sound_bytes == (bit / 8 < head.size() ? 0 : head.size()));
  }
}

TEST_CASE("a flipped bit in the last record is no whole end") {
  const auto log = log_of({"first record", "second record"});
  for (auto bit = log_of({"first record"}).size() * 8; bit < log.size() * 8;
       ++bit) {
    auto bad = log;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    REQUIRE(audit_log(bad).ending != log_ending::whole);
  }
}

TEST_CASE("zeros at the end of a log are a scrambled end") {
  const auto log = log_of({"one", "two"});
  const auto seen = audit_log(log + std::string(5000, '\0'));
  CHECK(seen.ending == log_ending::scrambled);
  CHECK(seen.sound_bytes == log.size());
  // A hole with records behind it is more than an end.
  auto holed = log + std::string(2 * log_block_size - log.size(), '\0');
  append_log_record(holed, "three");
  CHECK(audit_log(holed).ending == log_ending::damaged);
}

TEST_CASE("a walk over a damaged log leaves out the damaged record alone when "
          "its size is sound") {
  const auto head = log_of({"one"}).size();
  auto log = log_of({"one", "two", "three"});
  log[head + log_head_size] ^= 1;
  std::size_t skipped = 0;
  CHECK(records_in(log, &skipped) == list{"one", "three"});
  CHECK(skipped == log_head_size + 3);
}

TEST_CASE("a walk over a damaged log never takes for a record what stands "
          "within another") {
  const auto forged = log_of({"forged"});
  const auto head = log_of({"one"}).size();
  auto log = log_of({"one", "payload " + forged + forged, "three"});
  // The size of the second record is no longer known.
  log[head + 5] ^= 0x40;
  const auto seen = records_in(log);
  CHECK(std::ranges::find(seen, "forged") == seen.end());
  CHECK(seen.front() == "one");
}

TEST_CASE("a walk goes on behind a record that lost its middle") {
  auto log = log_of({"one", std::string(100'000, '2'), "three"});
  log[log_block_size + 100] ^= 1;
  std::size_t skipped = 0;
  CHECK(records_in(log, &skipped) == list{"one", "three"});
  CHECK(skipped > 100'000);
}

TEST_CASE("a log of random bytes yields nothing") {
  std::mt19937 random(9);
  for (int round = 0; round < 50; ++round) {
    std::string noise(random() % 5000, '\0');
    for (auto& byte : noise)
      byte = static_cast<char>(random() % 5);
    CHECK(records_in(noise).empty());
    CHECK(audit_log(noise).records == 0);
  }
}

} // namespace log_format_test
