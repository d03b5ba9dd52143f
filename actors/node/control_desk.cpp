#include "actors/node/control_desk.hpp"

#include "actors/admin/control_server.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <utility>

namespace hetzel::node {

control_desk::control_desk(caf::actor_system& system,
                           runtime::reactor_index index)
  : system_(system), home_(system, index, {}) {}

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

runtime::child_spec control_desk::checkpointer_child(checkpoint_sources data) {
  runtime::child_spec spec;
  spec.name = "checkpointer";
  spec.start = [this, data = std::move(data)] {
    return caf::actor_cast<caf::strong_actor_ptr>(
      spawn_checkpointer(system_, data));
  };
  spec.on_started = [this](const caf::strong_actor_ptr& started) {
    checkpointer_.set(caf::actor_cast<checkpointer>(started));
  };
  return spec;
}

runtime::supervisor_spec control_desk::supervisor(checkpoint_sources data) {
  runtime::supervisor_spec spec;
  spec.name = "admin";
  spec.children.push_back(checkpointer_child(std::move(data)));
  spec.children.push_back(server_child());
  return spec;
}

void control_desk::order(checkpoint_order_ptr what) const {
  caf::anon_send(checkpointer_.get(), std::move(what));
}

} // namespace hetzel::node
