#include "actors/net/pending_connect.hpp"

#include "actors/net/stream_io.hpp"
#include "actors/runtime/log.hpp"

#include <exception>
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
    methods_(*this),
    handshake_(limits_, *this, &methods_),
    connection_(home, std::move(accepted_->socket), *this, output_, counters) {
  if (accepted_->mountpoint.empty())
    accepted_->mountpoint = accepted_->slot->config().mountpoint;
}

// The place is free before the peer can see the end, here and in `refuse`: it
// may come again at once.
pending_connect::~pending_connect() {
  accepted_->slot.reset();
}

void pending_connect::start() {
  home_.timers().schedule(
    *this, home_.now() + accepted_->slot->config().connect_timeout);
  connection_.start({});
}

void pending_connect::on_bytes(mqtt::bytes_view& buffer) {
  auto status = mqtt::handshake::status::pending;
  try {
    status = handshake_.on_bytes(buffer);
  } catch (const std::exception& failure) {
    return fail(failure.what());
  }
  carry_on(status, &buffer);
}

/// `buffer` has what the client sent behind; null: the connection keeps it.
void pending_connect::carry_on(mqtt::handshake::status status,
                               mqtt::bytes_view* buffer) {
  if (auto& answer = handshake_.output(); !answer.empty()) {
    output_.tail().append(answer);
    answer.clear();
    connection_.flush_soon();
  }
  switch (status) {
    case mqtt::handshake::status::pending:
      return wait_for_challenge();
    case mqtt::handshake::status::deciding:
      is_deciding_ = true;
      return connection_.pause();
    case mqtt::handshake::status::admitted:
      return admit(buffer ? std::exchange(*buffer, {}) : mqtt::bytes_view{});
    case mqtt::handshake::status::refused:
      if (buffer)
        *buffer = {};
      return refuse();
  }
}

/// An answer that came later.
template <class Answer>
void pending_connect::decide(Answer&& answer) {
  if (!is_deciding_)
    return;
  is_deciding_ = false;
  auto status = mqtt::handshake::status::pending;
  try {
    status = answer();
  } catch (const std::exception& failure) {
    return fail(failure.what());
  }
  const bool goes_on = status == mqtt::handshake::status::pending;
  const bool is_written = !goes_on || handshake_.output().empty();
  carry_on(status, nullptr);
  // With a challenge to write it is resumed when that is written.
  if (goes_on && is_written)
    connection_.resume();
}

void pending_connect::on_judged(const mqtt::judgement& said) {
  decide([&] { return handshake_.on_judged(said); });
}

void pending_connect::on_auth_step(const mqtt::auth_step& step) {
  decide([&] { return handshake_.on_auth_step(step); });
}

void pending_connect::on_closed() {
  counters_.socket_close.add();
  owner_.on_finished(*this);
}

void pending_connect::on_flushed() {
  if (!is_deciding_)
    connection_.resume();
}

std::optional<mqtt::judgement>
pending_connect::judge(mqtt::connect_request& request) {
  return policy_.judge(request, *accepted_, *this);
}

std::unique_ptr<mqtt::auth_exchange>
pending_connect::client_methods::start(mqtt::bytes_view method,
                                       mqtt::bytes_view) const {
  return owner.policy_.start_auth(method, owner.handshake_.request(),
                                  *owner.accepted_, owner);
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

/// Who sends AUTH packets and reads no challenge must not grow our output.
void pending_connect::wait_for_challenge() {
  if (output_.empty())
    return;
  connection_.notify_when_flushed();
  connection_.pause();
}

void pending_connect::admit(mqtt::bytes_view unread) {
  auto client = std::make_shared<accepted_client>();
  client->unread = unread;
  client->request = handshake_.take_request();
  client->slot = std::move(accepted_->slot);
  client->peer = std::move(accepted_->peer);
  client->mountpoint = std::move(accepted_->mountpoint);
  client->grants = std::move(accepted_->grants);
  std::string kept;
  client->socket = connection_.release(kept);
  // Of a judgement that came later.
  if (unread.empty())
    client->unread = std::move(kept);
  // A challenge that the client did not wait for. CONNACK must not overtake it;
  // a socket that does not even take so little is not worth waiting for.
  const auto outcome = write_some(client->socket.get(), output_);
  counters_.bytes_sent.add(outcome.bytes);
  if (outcome.result != write_result::drained) {
    counters_.socket_close.add();
    return owner_.on_finished(*this);
  }
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
  accepted_->slot.reset();
  connection_.close_gracefully();
  owner_.on_finished(*this);
}

/// A fault of ours costs this client alone.
void pending_connect::fail(const char* failure) {
  counters_.connect_refused.add();
  counters_.socket_close.add();
  runtime::log::error("connect.failed",
                      {{"peer", accepted_->peer}, {"error", failure}});
  owner_.on_finished(*this);
}

} // namespace hetzel::net
