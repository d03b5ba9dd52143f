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
  if (auto layers = accepted_->slot->make_layers(accepted_->ip))
    connection_.use(std::move(layers), &owner_.turns());
}

// The place is free before the peer can see the end, here and in `refuse`: it
// may come again at once.
pending_connect::~pending_connect() {
  accepted_->slot.reset();
}

void pending_connect::start() {
  const auto& config = accepted_->slot->config();
  // TLS has a timeout of its own; what other layers need is part of CONNECT's.
  is_connect_due_ = config.kind != listener_kind::ssl
                    && config.kind != listener_kind::wss;
  home_.timers().schedule(*this,
                          home_.now()
                            + (is_connect_due_ ? config.connect_timeout
                                               : config.handshake_timeout));
  connection_.start({});
}

bool pending_connect::is_established() const noexcept {
  const auto* const layered = connection_.layered();
  return !layered || layered->layer->is_established();
}

void pending_connect::on_bytes(mqtt::bytes_view& buffer) {
  if (!buffer.empty() && !std::exchange(is_begun_, true)) {
    on_foreign(buffer);
    identify();
  }
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
  if (const auto* const layered = connection_.layered())
    on_transport_fault(*layered);
  owner_.on_finished(*this);
}

/// Who only looks whether the port is open is no event.
void pending_connect::on_transport_fault(const layered_transport& layered) {
  const auto fault = layered.layer->fault();
  const runtime::log::field peer{"peer", accepted_->peer};
  const runtime::log::field listener{"listener",
                                     accepted_->slot->config().name};
  if (fault != transport_fault::none) {
    runtime::log::info("transport.failed",
                       {peer,
                        listener,
                        {"fault", to_string(fault)},
                        {"why", layered.layer->failure()}});
  } else if (layered.is_begun && !layered.layer->is_established()) {
    counters_.transport_unfinished.add();
    runtime::log::info("transport.unfinished", {peer, listener});
  }
}

/// A TLS client on a port without TLS would only learn that it was closed, and
/// so would who looks after both.
void pending_connect::on_foreign(mqtt::bytes_view buffer) {
  constexpr mqtt::bytes_view handshake_record{"\x16\x03", 2};
  if (connection_.layered()
      || !handshake_record.starts_with(buffer.substr(0, 2)))
    return;
  counters_.tls_on_plain_listener.add();
  runtime::log::info("transport.tls_on_plain_listener",
                     {{"peer", accepted_->peer},
                      {"listener", accepted_->slot->config().name},
                      {"hint", "the client speaks TLS; it wants a listener "
                               "below listeners.ssl"}});
}

void pending_connect::on_flushed() {
  if (!is_deciding_)
    connection_.resume();
}

/// With MQTT's first byte the layers have said all they know.
void pending_connect::identify() {
  const auto* const layered = connection_.layered();
  if (!layered)
    return;
  auto identity = std::make_unique<peer_identity>();
  layered->layer->describe(*identity);
  if (!identity->address.empty())
    accepted_->peer = identity->address;
  accepted_->identity = std::move(identity);
}

std::optional<std::string> pending_connect::user_name() {
  return accepted_->identity ? accepted_->identity->user_name : std::nullopt;
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

void pending_connect::on_timeout(mqtt::time_point now) {
  const bool is_through = is_established();
  if (is_through && !std::exchange(is_connect_due_, true))
    return home_.timers().schedule(
      *this, now + accepted_->slot->config().connect_timeout);
  counters_.socket_close_timeout.add();
  counters_.socket_close.add();
  if (!is_through) {
    counters_.transport_timeout.add();
    runtime::log::info("transport.timeout",
                       {{"peer", accepted_->peer},
                        {"listener", accepted_->slot->config().name}});
  } else {
    runtime::log::debug("connect.timeout", {{"peer", accepted_->peer}});
  }
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
  client->identity = std::move(accepted_->identity);
  client->mountpoint = std::move(accepted_->mountpoint);
  client->grants = std::move(accepted_->grants);
  auto freed = connection_.release();
  client->socket = std::move(freed.socket);
  client->layered = std::move(freed.layered);
  // Of a judgement that came later.
  if (unread.empty())
    client->unread = std::move(freed.unread);
  seal(*client);
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

/// What the layers have not written travels on behind them; one that has
/// nothing to do any more stays behind.
void pending_connect::seal(accepted_client& client) {
  if (!client.layered)
    return;
  auto& [layer, down, status, is_begun] = *client.layered;
  layer->send(output_, down, output_.size());
  if (layer->is_transparent() && down.empty())
    client.layered.reset();
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
