#include "actors/node/control_desk.hpp"

#include "actors/admin/control_server.hpp"

#include <caf/actor_cast.hpp>

#include <utility>

namespace hetzel::node {

control_desk::control_desk(caf::actor_system& system,
                           runtime::reactor_index index)
  : home_(system, index, {}) {}

mqtt::expected<void, std::string>
control_desk::open(const std::filesystem::path& socket) {
  auto opened = admin::control_socket::open(socket);
  if (!opened)
    return mqtt::unexpected(std::move(opened).error());
  socket_ = std::make_shared<const admin::control_socket>(*std::move(opened));
  return {};
}

runtime::child_spec control_desk::server_child() {
  runtime::child_spec spec;
  spec.name = "control_server";
  spec.start = [this] {
    return caf::actor_cast<caf::strong_actor_ptr>(
      admin::spawn_control_server(home_, socket_, commands_));
  };
  return spec;
}

runtime::supervisor_spec control_desk::supervisor() {
  runtime::supervisor_spec spec;
  spec.name = "admin";
  spec.children.push_back(server_child());
  return spec;
}

} // namespace hetzel::node
