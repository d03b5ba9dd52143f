#include "cluster/metadata/metadata_key.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace metadata_key_test {

using namespace hetzel::cluster;
using namespace std::string_literals;

TEST_CASE("the key of a record has the kind, then each part behind its "
          "length") {
  CHECK(encode({record_kind::session, "mp", "c", {}}) == "s\2mp\1c");
  CHECK(encode({record_kind::subscription, "", "c", "a/#"}) == "f\0\1c\3a/#"s);
  CHECK(encode({record_kind::retained, "", "a/b", {}}) == "r\0\3a/b"s);
}

TEST_CASE("the key of a record is read as it was written, and no prefix of it "
          "is a key") {
  const std::string long_name(300, 'x');
  for (const metadata_key& key :
       {metadata_key{record_kind::session, "m", "", {}},
        metadata_key{record_kind::subscription, "m", "client", long_name},
        metadata_key{record_kind::retained, "", long_name, {}}}) {
    const auto bytes = encode(key);
    const auto read = decode_metadata_key(bytes);
    REQUIRE(read);
    CHECK(*read == key);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CHECK_FALSE(decode_metadata_key(std::string_view{bytes}.substr(0, size)));
    CHECK_FALSE(decode_metadata_key(bytes + '\0'));
  }
}

TEST_CASE("a key of a kind that this version does not know is refused as "
          "such") {
  const auto read = decode_metadata_key("?\1m\1c");
  REQUIRE_FALSE(read);
  CHECK(read.error() == errc::unknown_version);
}

TEST_CASE("the range of a Session's subscriptions has these and no others") {
  const auto range = subscription_key_range("m", "client");
  const auto is_in = [&](const metadata_key& key) {
    const auto bytes = encode(key);
    return bytes >= range.first && bytes < range.second;
  };
  CHECK(is_in({record_kind::subscription, "m", "client", "#"}));
  CHECK(is_in({record_kind::subscription, "m", "client", "\xff\xff"}));
  CHECK_FALSE(is_in({record_kind::subscription, "m", "clien", "t/#"}));
  CHECK_FALSE(is_in({record_kind::subscription, "m", "client2", "#"}));
  CHECK_FALSE(is_in({record_kind::subscription, "", "client", "#"}));
  CHECK_FALSE(is_in({record_kind::session, "m", "client", {}}));
}

TEST_CASE("the range of a client id that ends in the last byte still has an "
          "end") {
  const auto range = subscription_key_range("m", "c\xff");
  const auto inside
    = encode({record_kind::subscription, "m", "c\xff", "\xff"});
  CHECK(inside >= range.first);
  CHECK(inside < range.second);
}

TEST_CASE("all records of a Session are in one group, and groups share the "
          "Sessions out") {
  std::set<std::uint32_t> used;
  for (int i = 0; i < 500; ++i) {
    const auto client_id = "client-" + std::to_string(i);
    const auto group
      = group_of({record_kind::session, "m", client_id, {}}, 16);
    CHECK(group < 16);
    CHECK(group
          == group_of({record_kind::subscription, "m", client_id, "a"}, 16));
    used.insert(group);
  }
  CHECK(used.size() == 16);
}

TEST_CASE("the group of a record is the same for ever") {
  CHECK(group_of({record_kind::session, "", "client", {}}, 1'000'000)
        == 102'757);
  CHECK(group_of({record_kind::retained, "m", "a/b", {}}, 1'000'000)
        == 853'281);
}

} // namespace metadata_key_test
