#include "actors/node/config/suggestion.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace suggestion_test {

using namespace hetzel::node;

TEST_CASE("the edit distance counts inserted, removed, replaced and swapped "
          "letters") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("abc", "abc") == 0);
  CHECK(edit_distance("abc", "") == 3);
  CHECK(edit_distance("abc", "abxc") == 1);
  CHECK(edit_distance("abc", "ac") == 1);
  CHECK(edit_distance("abc", "axc") == 1);
  CHECK(edit_distance("abc", "acb") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("the nearest candidate is suggested when it is near enough") {
  const std::vector<std::string> words{"queue_type", "data_dir", "nodename"};
  CHECK(nearest("queu_type", words) == "queue_type");
  CHECK(nearest("nodenmae", words) == "nodename");
  CHECK(nearest("datadir", words) == "data_dir");
  CHECK(nearest("completely_different", words).empty());
  CHECK(nearest("", words).empty());
}

} // namespace suggestion_test
