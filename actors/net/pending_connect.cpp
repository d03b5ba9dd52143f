#include "actors/net/pending_connect.hpp"

#include "actors/runtime/log.hpp"

#include <utility>

namespace hetzel::net {

pending_connect::pending_connect(runtime::reactor& home,
                                 accepted_socket_ptr accepted,
                                 connect_policy& policy,
                                 traffic_counters& counters,
                                 pending_connect_owner& owner)
  : accepted_(std::move(accepted)),
    policy_(policy),
    counters_(counters),
    owner_(owner),
    home_(home),
    limits_(policy.limits(accepted_->slot->config())),
    handshake_(limits_, *this, policy.methods()),
    connection_(home, std::move(accepted_->socket), *this, output_, counters) {}

void pending_connect::start() {
  home_.timers().schedule(
    *this, home_.now() + accepted_->slot->config().connect_timeout);
  connection_.start({});
}

void pending_connect::on_bytes(mqtt::bytes_view& buffer) {
  const auto status = handshake_.on_bytes(buffer);
  if (auto& answer = handshake_.output(); !answer.empty()) {
    output_.tail().append(answer);
    answer.clear();
    connection_.flush_soon();
  }
  switch (status) {
    case mqtt::handshake::status::pending:
      return;
    case mqtt::handshake::status::admitted:
      return admit(std::exchange(buffer, {}));
    case mqtt::handshake::status::refused:
      buffer = {};
      return refuse();
  }
}

void pending_connect::on_closed() {
  counters_.socket_close.add();
  owner_.on_finished(*this);
}

void pending_connect::on_flushed() {
  // Nothing waits for it: a refusal is written by the lingering close.
}

mqtt::reason_code
pending_connect::authenticate(const mqtt::connect& packet) {
  return policy_.authenticate(packet, accepted_->slot->config());
}

std::string pending_connect::assign_client_id() {
  return policy_.assign_client_id();
}

void pending_connect::on_timeout(mqtt::time_point) {
  counters_.socket_close_timeout.add();
  counters_.socket_close.add();
  runtime::log::debug("connect.timeout", {{"peer", accepted_->peer}});
  owner_.on_finished(*this);
}

void pending_connect::admit(mqtt::bytes_view unread) {
  auto client = std::make_shared<accepted_client>();
  client->unread = unread;
  client->request = handshake_.take_request();
  client->slot = std::move(accepted_->slot);
  client->peer = std::move(accepted_->peer);
  // Challenges of an authentication are written already; nothing else can be
  // in the output.
  connection_.flush();
  std::string kept;
  client->socket = connection_.release(kept);
  auto& policy = policy_;
  owner_.on_finished(*this);
  policy.admit(std::move(client));
}

void pending_connect::refuse() {
  counters_.connect_refused.add();
  counters_.socket_close.add();
  runtime::log::info("connect.refused",
                     {{"peer", accepted_->peer},
                      {"reason", mqtt::to_string(handshake_.reason())}});
  connection_.close_gracefully();
  owner_.on_finished(*this);
}

} // namespace hetzel::net
