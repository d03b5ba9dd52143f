#include "persistence/messages/body_counts.hpp"

#include <doctest/doctest.h>

namespace body_counts_test {

using namespace hetzel::persistence;

namespace {

constexpr std::uint64_t first_new = 100;
constexpr body_id old_body{7};
constexpr body_id new_body{100};

using bodies = std::vector<body_id>;

void stage_kept(body_counts& counts, const reference_change& change) {
  counts.begin();
  counts.stage(change);
  counts.keep();
}

} // namespace

TEST_CASE("a new body is gone with the last of the references it came with") {
  body_counts counts(first_new);
  counts.begin();
  counts.stage_body(new_body, 2);
  CHECK_FALSE(counts.is_gone(new_body));
  CHECK(counts.find_gone().empty());
  counts.keep();
  stage_kept(counts, {new_body, -1, false});
  counts.begin();
  counts.stage({new_body, -1, false});
  CHECK(counts.find_gone() == bodies{new_body});
  counts.keep();
  CHECK(counts.size() == 0);
}

TEST_CASE("what was staged and not kept did not happen") {
  body_counts counts(first_new);
  counts.begin();
  counts.stage_body(new_body, 1);
  counts.keep();
  counts.begin();
  counts.stage({new_body, -1, false});
  counts.begin();
  CHECK_FALSE(counts.is_gone(new_body));
  CHECK(counts.find_gone().empty());
}

TEST_CASE("a reference that goes before its body arrives is not forgotten") {
  body_counts counts(first_new);
  stage_kept(counts, {new_body, -1, false});
  counts.begin();
  counts.stage_body(new_body, 2);
  CHECK_FALSE(counts.is_gone(new_body));
  counts.keep();
  counts.begin();
  counts.stage({new_body, -1, false});
  CHECK(counts.is_gone(new_body));
}

TEST_CASE("an old body without a reference is an orphan") {
  body_counts counts(first_new);
  counts.settle();
  CHECK(counts.meet(old_body));
}

TEST_CASE("an old body counts the references that were found, less those of "
          "them that went") {
  body_counts counts(first_new);
  // One goes before it was found, one is found, one is found and goes.
  stage_kept(counts, {old_body, -1, false});
  counts.add_found({old_body, 1, true});
  counts.add_found({old_body, 1, true});
  stage_kept(counts, {old_body, -1, true});
  counts.settle();
  CHECK_FALSE(counts.meet(old_body));
  counts.begin();
  counts.stage({old_body, -1, true});
  CHECK(counts.find_gone() == bodies{old_body});
}

TEST_CASE("an old body is not taken for gone before it was met") {
  body_counts counts(first_new);
  counts.add_found({old_body, 1, true});
  counts.settle();
  counts.begin();
  counts.stage({old_body, -1, true});
  CHECK(counts.find_gone().empty());
  counts.keep();
  CHECK(counts.meet(old_body));
}

TEST_CASE("references of a new body are not counted when they are found") {
  body_counts counts(first_new);
  counts.begin();
  counts.stage_body(new_body, 1);
  counts.keep();
  counts.add_found({new_body, 1, true});
  stage_kept(counts, {new_body, 1, true});
  counts.begin();
  counts.stage({new_body, -1, true});
  CHECK(counts.is_gone(new_body));
}

TEST_CASE("references found in another shard are staged like others") {
  body_counts counts(first_new);
  stage_kept(counts, {old_body, 1, true});
  counts.settle();
  CHECK_FALSE(counts.meet(old_body));
}

} // namespace body_counts_test
