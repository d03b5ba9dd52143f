#include "actors/admin/reply.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace reply_test {

using namespace hetzel::admin;

namespace {

struct heard {
  [[nodiscard]] reply make() {
    return reply{[this](answer_part part) { parts.push_back(part); }};
  }

  std::vector<answer_part> parts;
};

} // namespace

TEST_CASE("an answer comes in parts and ends once") {
  heard all;
  const auto one = all.make();
  const auto same = one;
  one.line("first");
  same.done({"last"});
  one.fail("too late");
  same.line("too late");
  REQUIRE(all.parts.size() == 2);
  CHECK(all.parts[0].lines == std::vector<std::string>{"first"});
  CHECK_FALSE(all.parts[0].end);
  CHECK(all.parts[1].lines == std::vector<std::string>{"last"});
  CHECK(all.parts[1].end->how == outcome::ok);
}

TEST_CASE("a command that forgets to answer has failed") {
  heard all;
  {
    const auto one = all.make();
    const auto same = one;
    CHECK(all.parts.empty());
  }
  REQUIRE(all.parts.size() == 1);
  CHECK(all.parts[0].end->how == outcome::failed);
}

TEST_CASE("a failure and a mistake are told apart") {
  heard all;
  all.make().fail("no room");
  all.make().reject("no number");
  REQUIRE(all.parts.size() == 2);
  CHECK(all.parts[0].end->how == outcome::failed);
  CHECK(all.parts[0].end->sentence == "no room");
  CHECK(all.parts[1].end->how == outcome::usage);
}

} // namespace reply_test
