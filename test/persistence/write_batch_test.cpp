#include "persistence/write_batch.hpp"

#include "persistence/record.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace write_batch_test {

using namespace hetzel::persistence;

namespace {

std::vector<std::string> texts(const write_batch& batch) {
  std::vector<std::string> out;
  for (const auto& operation : batch)
    out.push_back((operation.erases ? "-" : "+") + std::string(operation.key)
                  + "=" + std::string(operation.value));
  return out;
}

using list = std::vector<std::string>;

} // namespace

TEST_CASE("a batch gives its operations back in the order they were added") {
  write_batch batch;
  CHECK(batch.empty());
  CHECK(texts(batch).empty());
  batch.put("b", "1");
  batch.erase("a");
  batch.put("b", "");
  batch.put("", "empty key");
  CHECK(texts(batch) == list{"+b=1", "-a=", "+b=", "+=empty key"});
  CHECK(batch.count() == 4);
}

TEST_CASE("keys and values of a batch may hold any bytes") {
  const std::string odd("\0\xff\n\0", 4);
  write_batch batch;
  batch.put(odd, odd + odd);
  batch.erase(odd);
  CHECK(texts(batch) == list{"+" + odd + "=" + odd + odd, "-" + odd + "="});
}

TEST_CASE("a put of a batch carries the checksum that a store verifies") {
  write_batch batch;
  batch.put("key", "value");
  const auto operation = *batch.begin();
  const auto opened = open_record("key", operation.sealed);
  REQUIRE(opened.has_value());
  CHECK(*opened == "value");
}

TEST_CASE("an appended batch comes behind what is there, also to itself") {
  write_batch first;
  first.put("a", "1");
  write_batch second;
  second.erase("a");
  second.put("c", "3");
  first.append(second);
  CHECK(texts(first) == list{"+a=1", "-a=", "+c=3"});
  first.append(first);
  CHECK(texts(first)
        == list{"+a=1", "-a=", "+c=3", "+a=1", "-a=", "+c=3"});
  CHECK(first.count() == 6);
}

TEST_CASE("a cleared batch is like a new one") {
  write_batch batch;
  batch.put("a", std::string(1000, 'x'));
  CHECK(batch.size_bytes() > 1000);
  batch.clear();
  CHECK(batch == write_batch());
  CHECK(batch.size_bytes() == 0);
  batch.put("b", "2");
  CHECK(texts(batch) == list{"+b=2"});
}

TEST_CASE("the operation at a position is the one that was added there") {
  write_batch batch;
  batch.put("a", "1");
  const auto second = batch.position();
  batch.put("b", "2");
  CHECK(batch.at(second).key == "b");
  CHECK(batch.at(0).key == "a");
}

} // namespace write_batch_test
