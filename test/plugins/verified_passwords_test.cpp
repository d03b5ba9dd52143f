#include "plugins/passwd/verified_passwords.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace verified_passwords_test {

using namespace hetzel;
using namespace hetzel::plugins;
using std::chrono::seconds;

namespace {

mqtt::time_point at(int second) {
  return mqtt::time_point{} + seconds{second};
}

} // namespace

TEST_CASE("a password is known for a while, with its user and its hash only") {
  verified_passwords known{seconds{10}};
  const auto mark = known.mark("bob", "$6$x", "secret");
  CHECK_FALSE(known.contains(mark, at(0)));
  known.insert(mark, at(0));
  CHECK(known.contains(known.mark("bob", "$6$x", "secret"), at(9)));
  CHECK_FALSE(known.contains(mark, at(10)));
  CHECK_FALSE(known.contains(known.mark("bob", "$6$x", "Secret"), at(1)));
  CHECK_FALSE(known.contains(known.mark("bob", "$6$y", "secret"), at(1)));
  CHECK_FALSE(known.contains(known.mark("ann", "$6$x", "secret"), at(1)));
  CHECK_FALSE(known.contains(known.mark("bob$", "6$x", "secret"), at(1)));
  CHECK_FALSE(known.contains(known.mark("bob", "$6$xs", "ecret"), at(1)));
}

TEST_CASE("what is kept is neither the password nor the same elsewhere") {
  const verified_passwords one{seconds{10}};
  const verified_passwords other{seconds{10}};
  const auto mark = one.mark("bob", "", "secret");
  CHECK(mark.find("secret") == std::string::npos);
  CHECK(mark != other.mark("bob", "", "secret"));
}

TEST_CASE("without a lifetime nothing is kept") {
  verified_passwords known{seconds{0}};
  known.insert(known.mark("bob", "", "x"), at(0));
  CHECK(known.size() == 0);
}

TEST_CASE("a full memory forgets what is too old, or else all") {
  verified_passwords known{seconds{10}};
  const auto fill = [&](int from) {
    for (std::size_t i = 0; i < verified_passwords::size_max; ++i)
      known.insert(std::to_string(i) + "@" + std::to_string(from), at(from));
  };
  fill(0);
  CHECK(known.size() == verified_passwords::size_max);
  known.insert("new", at(5));
  CHECK(known.size() == 1);
  fill(6);
  known.insert("newer", at(15));
  CHECK(known.contains("newer", at(16)));
  CHECK(known.size() <= verified_passwords::size_max);
}

} // namespace verified_passwords_test
