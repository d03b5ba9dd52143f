#include "protocol/session/topic_alias.hpp"

#include <doctest/doctest.h>

#include <string>

namespace session_topic_alias_test {

using namespace hetzel::mqtt;

TEST_CASE("a client may use aliases from 1 to the announced maximum "
          "[MQTT-3.3.2-8] [MQTT-3.3.2-9]") {
  inbound_aliases aliases{2};
  CHECK_FALSE(aliases.is_allowed(0));
  CHECK(aliases.is_allowed(1));
  CHECK(aliases.is_allowed(2));
  CHECK_FALSE(aliases.is_allowed(3));
  CHECK_FALSE(inbound_aliases{0}.is_allowed(1));
  CHECK(inbound_aliases{65'535}.is_allowed(65'535));
}

TEST_CASE("an alias stands for the topic name it was bound to last") {
  inbound_aliases aliases{65'535};
  CHECK(aliases.resolve(3).empty());
  aliases.bind(3, "a");
  CHECK(aliases.resolve(3) == "a");
  CHECK(aliases.resolve(1).empty());
  CHECK(aliases.resolve(2).empty());
  CHECK(aliases.resolve(4).empty());
  CHECK(aliases.resolve(0).empty());
  aliases.bind(3, "b/c");
  aliases.bind(65'535, "last");
  CHECK(aliases.resolve(3) == "b/c");
  CHECK(aliases.resolve(65'535) == "last");
}

TEST_CASE("an alias keeps the name, not the buffer that it came in") {
  inbound_aliases aliases{1};
  std::string buffer = "a/b";
  aliases.bind(1, buffer);
  buffer = "xxx";
  CHECK(aliases.resolve(1) == "a/b");
}

TEST_CASE("our aliases count up to the agreed maximum [MQTT-3.1.2-26]") {
  outbound_aliases aliases{2};
  for (auto* topic_name : {"a", "b"})
    aliases.remember(topic_name, aliases.choose(topic_name));
  CHECK(aliases.choose("a").alias == 1);
  CHECK(aliases.choose("a").is_known);
  CHECK(aliases.choose("b").alias == 2);
  CHECK(aliases.choose("c").alias == 0);
  CHECK_FALSE(aliases.choose("c").is_known);
  aliases.remember("c", aliases.choose("c"));
  CHECK(aliases.choose("c").alias == 0);
}

TEST_CASE("an alias is known only when a packet with it was written") {
  outbound_aliases aliases{1};
  CHECK(aliases.choose("a").alias == 1);
  CHECK_FALSE(aliases.choose("a").is_known);
  // The packet for "a" was not sent: "b" may have the alias.
  CHECK(aliases.choose("b").alias == 1);
  aliases.remember("b", aliases.choose("b"));
  CHECK(aliases.choose("b").is_known);
  CHECK(aliases.choose("a").alias == 0);
}

} // namespace session_topic_alias_test
