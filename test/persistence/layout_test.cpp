#include "persistence/engine/layout.hpp"

#include <doctest/doctest.h>

namespace layout_test {

using namespace hetzel::persistence;

namespace {

layout example() {
  return {layout_version, store_state::closed, "boot-1",
          {{"000003.log", 17}, {"CURRENT", 16}}};
}

errc refusal_of(const std::string& text, std::uint32_t* newer = nullptr) {
  std::uint32_t version = 0;
  const auto found = decode_layout(text, &version);
  if (newer != nullptr)
    *newer = version;
  return found ? errc::none : found.error();
}

} // namespace

TEST_CASE("the file that describes a store is text that a person can read") {
  CHECK(encode(example()).starts_with("hetzel store\n"
                                      "layout 1\n"
                                      "state closed\n"
                                      "boot boot-1\n"
                                      "file 17 000003.log\n"
                                      "file 16 CURRENT\n"
                                      "check "));
}

TEST_CASE("a description comes back as it was written") {
  for (const auto state :
       {store_state::fresh, store_state::open, store_state::closed}) {
    auto what = example();
    what.state = state;
    std::uint32_t newer = 0;
    const auto found = decode_layout(encode(what), &newer);
    REQUIRE(found.has_value());
    CHECK(*found == what);
    CHECK(newer == 0);
  }
}

TEST_CASE("a cut or altered description is never taken") {
  const auto text = encode(example());
  for (std::size_t size = 0; size < text.size(); ++size)
    CHECK(refusal_of(text.substr(0, size)) == errc::corrupt);
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    auto bad = text;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    CHECK(refusal_of(bad) != errc::none);
  }
  CHECK(refusal_of(text + "x") == errc::corrupt);
}

TEST_CASE("a later layout is told from damage, with its number, whatever "
          "stands below") {
  std::uint32_t newer = 0;
  CHECK(refusal_of("hetzel store\nlayout 7\nwhatever it says", &newer)
        == errc::newer_layout);
  CHECK(newer == 7);
  CHECK(refusal_of("hetzel store\nlayout 0\n") == errc::corrupt);
  CHECK(refusal_of("hetzel store\nlayout 99999999999\n") == errc::corrupt);
  CHECK(refusal_of("some other file\nlayout 1\n") == errc::corrupt);
}

TEST_CASE("LevelDB's files are told from others") {
  for (const auto* name :
       {"CURRENT", "MANIFEST-000002", "000003.log", "000004.ldb", "5.sst"})
    CHECK(is_engine_file(name));
  for (const auto* name : {"LOCK", "LOG", "hetzel.store", "notes.log", ".log",
                           "000005.dbtmp", "000003.log.bak"})
    CHECK_FALSE(is_engine_file(name));
}

} // namespace layout_test
