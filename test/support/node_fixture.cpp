#include "test/support/node_fixture.hpp"

#include "actors/runtime/log.hpp"

#include <stdexcept>
#include <utility>

namespace hetzel::test {

namespace {

// Tests provoke failures; their lines would only hide the one that matters.
const bool is_quiet = [] {
  runtime::log::set_threshold(runtime::log::level::off);
  return true;
}();

} // namespace

node::node_config open_node_config() {
  node::node_config config;
  config.reactors = 2;
  config.messaging.allow_anonymous = true;
  config.messaging.queues.offline_max.reset();
  config.messaging.queues.online_max.reset();
  net::listener_config listener;
  listener.name = "tcp.test";
  listener.address = "127.0.0.1";
  config.listeners.push_back(listener);
  return config;
}

node_fixture::node_fixture(node::node_config config)
  : running(at_home(std::move(config))), probe(start()) {}

node::node_config node_fixture::at_home(node::node_config config) const {
  config.data_dir = home.path();
  return config;
}

caf::strong_actor_ptr node_fixture::start() {
  if (auto started = running.start(); !started)
    throw std::runtime_error{started.error()};
  return running.root();
}

std::uint16_t node_fixture::port() const {
  return running.listeners().front().port;
}

} // namespace hetzel::test
