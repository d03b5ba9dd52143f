#include "actors/node/file_limit.hpp"

#include <doctest/doctest.h>

#include <sys/resource.h>

namespace file_limit_test {

using namespace hetzel;
using namespace hetzel::node;

TEST_CASE("the limit of descriptors is raised to its hard limit") {
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  const auto before = limit;
  limit.rlim_cur = 256;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  CHECK(raise_file_limit() == before.rlim_max);
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  CHECK(limit.rlim_cur == before.rlim_max);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
}

TEST_CASE("no listener promises more connections than there are "
          "descriptors") {
  node_config config;
  config.listeners.resize(2);
  config.listeners[0].name = "tcp.a";
  config.listeners[0].max_connections = 100'000;
  config.listeners[1].name = "tcp.b";
  config.listeners[1].max_connections = 10;
  CHECK(cap_connections(config, 4'096) == std::vector<std::string>{"tcp.a"});
  CHECK(config.listeners[0].max_connections == 4'096 - descriptors_reserved);
  CHECK(config.listeners[1].max_connections == 10);
  CHECK(cap_connections(config, 1'000'000).empty());
  CHECK(cap_connections(config, 0).size() == 2);
  CHECK(config.listeners[0].max_connections == 1);
}

} // namespace file_limit_test
