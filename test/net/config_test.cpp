#include "actors/net/config.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace config_test {

using hetzel::net::listener_kind;

TEST_CASE("every kind of listener has a word of its own") {
  std::set<std::string> words;
  for (const auto kind : {listener_kind::tcp, listener_kind::ssl,
                          listener_kind::ws, listener_kind::wss})
    words.insert(to_string(kind));
  CHECK(words == std::set<std::string>{"tcp", "ssl", "ws", "wss"});
}

} // namespace config_test
