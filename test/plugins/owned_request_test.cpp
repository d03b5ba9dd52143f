#include "plugins/api/owned_request.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace owned_request_test {

using namespace hetzel;
using namespace hetzel::plugins;

namespace {

struct subscribe_parts {
  std::string client_id = "c";
  std::string filter = "a/+";
  std::string properties{"\x26\0\1k\0\1v", 7};
  std::vector<mqtt::subscribe_entry> topics{
    {filter, {.quality = mqtt::qos::exactly_once, .no_local = true}}};
  std::vector<mqtt::reason_code> codes{mqtt::reason_code::granted_qos_2};

  subscribe_request request() const {
    subscribe_request made;
    made.client = {{"", client_id}, "user", mqtt::protocol_version::v5};
    made.topics = topics;
    made.codes = codes;
    made.properties = mqtt::property_view{properties};
    return made;
  }
};

} // namespace

TEST_CASE("an owned request says the same after its source is gone") {
  auto source = std::make_unique<subscribe_parts>();
  const owned_request kept{source->request()};
  source->client_id = "x";
  source->filter = "xxx";
  source.reset();
  CHECK(kept->client.id.client_id == "c");
  CHECK(kept->client.user_name == mqtt::bytes_view{"user"});
  REQUIRE(kept->topics.size() == 1);
  CHECK(kept->topics[0].topic_filter == "a/+");
  CHECK(kept->topics[0].options.no_local);
  CHECK(kept->codes[0] == mqtt::reason_code::granted_qos_2);
  CHECK(kept->properties.find(mqtt::property_id::user_property)->name == "k");
}

TEST_CASE("an owned request can be moved") {
  owned_request first{subscribe_parts{}.request()};
  const auto second = std::move(first);
  CHECK(second->topics[0].topic_filter == "a/+");
  CHECK(second->client.id.client_id == "c");
}

TEST_CASE("what is absent stays absent") {
  register_request asked;
  asked.client.id.client_id = "c";
  const owned_request kept{asked};
  CHECK(!kept->client.user_name);
  CHECK(!kept->password);
  CHECK(kept->properties.empty());
}

} // namespace owned_request_test
