#include "persistence/errc.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace errc_test {

using namespace hetzel::persistence;

TEST_CASE("every error of a store has a name of its own and a sentence for a "
          "person") {
  std::set<std::string_view> names;
  std::set<std::string_view> sentences;
  for (int code = 0; code <= static_cast<int>(errc::wrong_shard); ++code) {
    const auto value = static_cast<errc>(code);
    names.insert(name(value));
    sentences.insert(sentence(value));
    CHECK(name(value).find(' ') == std::string_view::npos);
    CHECK(sentence(value).find(' ') != std::string_view::npos);
    CHECK_FALSE(sentence(value).ends_with('.'));
  }
  const auto count = static_cast<std::size_t>(errc::wrong_shard) + 1;
  CHECK(names.size() == count);
  CHECK(sentences.size() == count);
}

} // namespace errc_test
