#include "actors/node/config/key_lookup.hpp"

#include <doctest/doctest.h>

namespace key_lookup_test {

using namespace hetzel::node;

namespace {

std::string name_of(std::string_view written) {
  const auto found = find_key(written);
  return found ? found->name : found.error();
}

} // namespace

TEST_CASE("a key has one name inside, whatever its spelling") {
  CHECK(name_of("queue_type") == "queue_type");
  CHECK(name_of("listener.max_connections") == "listeners.max_connections");
  CHECK(name_of("listener.tcp.backlog") == "listeners.tcp.backlog");
  CHECK(name_of("listener.tcp.a") == "listeners.tcp.a.address");
  CHECK(name_of("listener.ssl.a") == "listeners.ssl.a.address");
  CHECK(name_of("listener.ssl.certfile") == "listeners.ssl.certfile");
  CHECK(name_of("listeners.tcp.a.address") == "listeners.tcp.a.address");
  CHECK(name_of("listeners.tcp.a-b_1.nodelay")
        == "listeners.tcp.a-b_1.nodelay");
}

TEST_CASE("what is no key gets the nearest one, if one is near") {
  CHECK(name_of("topic_max_levels")
        == "unknown key, did you mean topic_max_depth?");
  CHECK(name_of("listners.tcp.a.backlog")
        == "unknown key, did you mean listeners.tcp.a.backlog?");
  CHECK(name_of("listener.tpc.default")
        == "unknown key, did you mean listeners.tcp.default?");
  CHECK(name_of("listeners.ssl.a.certfil")
        == "unknown key, did you mean listeners.ssl.a.certfile?");
  // Of another kind.
  CHECK(name_of("listeners.tcp.a.certfile").starts_with("unknown key"));
  CHECK(name_of("vmq_swc.swc_groups") == "unknown key");
  CHECK(name_of("") == "unknown key");
  CHECK(name_of("listeners.tcp.a b") != "listeners.tcp.a b.address");
  CHECK(name_of("listeners.tcp.a.b.c").starts_with("unknown key"));
  CHECK(name_of("listeners.").starts_with("unknown key"));
}

TEST_CASE("a key of old names its successor [spec config 11]") {
  CHECK(name_of("message_size_limit")
        == "is no longer a key: it is max_message_size now");
}

TEST_CASE("sections are what keys stand below") {
  for (const auto* section : {"listeners", "listener.tcp", "listeners.ssl",
                              "log", "log.console", "log.console.rotation"})
    CHECK(is_section(section));
  for (const auto* other : {"queue_type", "listeners.sctp", "listeners.tcp.a",
                            "lo", "x"})
    CHECK_FALSE(is_section(other));
}

TEST_CASE("the listener of a key, and its kind, are found in its name") {
  CHECK(kind_of("tcp.a") == hetzel::net::listener_kind::tcp);
  CHECK(kind_of("tcp") == hetzel::net::listener_kind::tcp);
  CHECK_FALSE(kind_of("tcpx.a"));
  CHECK(listener_of("listeners.tcp.a.backlog") == "tcp.a");
  CHECK(listener_of("listeners.ssl.a.backlog") == "ssl.a");
  CHECK(listener_of("listeners.tcp.backlog").empty());
  CHECK(listener_of("listeners.max_connections").empty());
  CHECK(listener_of("queue_type").empty());
}

} // namespace key_lookup_test
