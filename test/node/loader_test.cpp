#include "actors/node/config/loader.hpp"

#include <doctest/doctest.h>

#include <fstream>

namespace loader_test {

using namespace hetzel::node;

TEST_CASE("file, environment and arguments are read anew at each load") {
  const auto path
    = std::filesystem::temp_directory_path() / "hetzel_loader_test.yaml";
  const char* const environment[] = {"HETZEL_REACTORS=3", nullptr};
  config_sources sources{path, environment, {"max_client_id_size=5"}};
  std::ofstream(path) << "queue_type: lifo\nreactors: 2\n";
  const auto first = load(sources);
  REQUIRE(first);
  CHECK(first->values.reactors == 3);
  CHECK(first->values.limits.client_id_size_max == 5);
  CHECK(first->entries.at("queue_type").text == "lifo");
  std::ofstream(path) << "queue_type: fifo\n";
  CHECK(load(sources)->entries.at("queue_type").text == "fifo");
  std::filesystem::remove(path);
  CHECK_FALSE(load(sources));
}

TEST_CASE("no source at all is a configuration") {
  CHECK(load({}));
}

} // namespace loader_test
