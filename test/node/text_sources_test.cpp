#include "actors/node/config/text_sources.hpp"

#include <doctest/doctest.h>

#include <array>

namespace text_sources_test {

using namespace hetzel::node;

TEST_CASE("HETZEL_ variables set keys, with __ for a dot, in lower case") {
  const std::array<const char*, 5> environment{
    "PATH=/bin", "HETZEL_LISTENERS__TCP__DEFAULT=127.0.0.1:0",
    "HETZEL_MAX_CLIENT_ID_SIZE=20", "HETZELX=1", nullptr};
  const auto read = read_environment(environment.data());
  REQUIRE(read.settings.size() == 2);
  CHECK(read.settings[0].key == "listeners.tcp.default");
  CHECK(read.settings[0].text == "127.0.0.1:0");
  CHECK(read.settings[0].place == "HETZEL_LISTENERS__TCP__DEFAULT");
  CHECK(read.settings[0].source == source_kind::environment);
  CHECK(read.settings[1].key == "max_client_id_size");
}

TEST_CASE("an argument is key=value; the value may hold more of '='") {
  const auto read = read_argument("data_dir=/a=b");
  REQUIRE(read.settings.size() == 1);
  CHECK(read.settings[0].key == "data_dir");
  CHECK(read.settings[0].text == "/a=b");
  CHECK(read_argument("mountpoint=").settings.size() == 1);
}

TEST_CASE("an argument without key or '=' is a problem") {
  CHECK(read_argument("data_dir").problems.size() == 1);
  CHECK(read_argument("=x").problems.size() == 1);
  CHECK(read_argument("data_dir").problems[0].to_string()
        == "--set: data_dir: is not of the form key=value");
}

} // namespace text_sources_test
