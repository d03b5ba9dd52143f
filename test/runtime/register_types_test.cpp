#include "actors/runtime/register_types.hpp"

#include "actors/runtime/actor_description.hpp"
#include "actors/runtime/child.hpp"
#include "actors/runtime/supervision_errc.hpp"
#include "actors/runtime/type_ids.hpp"
#include "test/support/runtime_fixture.hpp"

#include <doctest/doctest.h>

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/byte_buffer.hpp>
#include <caf/message.hpp>

#include <string>

namespace register_types_test {

using namespace std::chrono_literals;
using namespace hetzel::runtime;

namespace {

/// Through the bytes that would go to another node; false: they were refused.
bool round_trip(caf::actor_system& system, const caf::message& from,
                caf::message& into) {
  caf::byte_buffer bytes;
  caf::binary_serializer sink{system, bytes};
  caf::binary_deserializer source{system, bytes};
  if (!sink.apply(from))
    return false;
  source.reset(bytes);
  return source.apply(into);
}

} // namespace

TEST_CASE("descriptions reach another node whole") {
  hetzel::test::runtime_fixture here;
  actor_description sent;
  sent.kind = "mqtt.session";
  sent.id = 1;
  sent.parent = 2;
  sent.reactor = 3;
  sent.mailbox_size = 4;
  sent.messages_handled = 5;
  sent.age = 6s;
  sent.restarts = 7;
  sent.last_failure = "why";
  sent.state = {{"client_id", "c"}};
  caf::message received;
  REQUIRE(round_trip(here.system, caf::make_message(sent), received));
  REQUIRE(received.match_elements<actor_description>());
  const auto& got = received.get_as<actor_description>(0);
  CHECK(caf::deep_to_string(got) == caf::deep_to_string(sent));
  CHECK(got.reactor == 3);
}

TEST_CASE("listings and errors reach another node whole") {
  hetzel::test::runtime_fixture here;
  child_listing sent;
  sent.name = "registrar";
  sent.type = child_type::supervisor;
  sent.state = child_state::stopping;
  sent.restarts = 2;
  const auto error
    = caf::make_error(supervision_errc::start_failed, "port taken");
  caf::message received;
  REQUIRE(round_trip(here.system,
                     caf::make_message(std::vector{sent}, error), received));
  const auto& got = received.get_as<std::vector<child_listing>>(0).at(0);
  CHECK(got.name == "registrar");
  CHECK(got.type == child_type::supervisor);
  CHECK(got.state == child_state::stopping);
  CHECK(received.get_as<caf::error>(1) == error);
}

TEST_CASE("the numbers of types on the wire stay what they are") {
  CHECK(caf::type_id_v<actor_description> == 500);
  CHECK(caf::type_id_v<child_listing> == 501);
  CHECK(caf::type_id_v<describe_atom> == 504);
  CHECK(caf::type_id_v<lookup_child_atom> == 511);
  CHECK(caf::type_id_v<supervision_errc> == 512);
}

} // namespace register_types_test
