#include "actors/net/listener.hpp"

#include "actors/net/accept_rate.hpp"
#include "actors/net/network_list.hpp"
#include "actors/net/socket_address.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/pinned.hpp"
#include "actors/runtime/poller.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hetzel::net {

namespace {

/// Accepted per readiness event, so that a storm of connects does not hold up
/// the reactor's sessions.
constexpr int accepts_max = 64;

/// How long accepting rests when the process has no descriptor left.
constexpr std::chrono::milliseconds exhausted_pause{100};

void set_option(int descriptor, int level, int option, int value) noexcept {
  // A refusal costs speed only.
  (void) ::setsockopt(descriptor, level, option, &value, sizeof(value));
}

void apply_tcp_options(int descriptor, const listener_config& config) noexcept {
  set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, config.nodelay ? 1 : 0);
  set_option(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1);
  if (config.keepalive_idle)
    set_option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE,
               static_cast<int>(config.keepalive_idle->count()));
  if (config.user_timeout)
    set_option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT,
               static_cast<int>(config.user_timeout->count()));
}

/// The lower of the two limits; zero: none.
std::uint32_t rate_of(const listener_config& config) noexcept {
  const auto any = config.accept_rate_max.value_or(0);
  const auto secure = config.handshake_rate.value_or(0);
  return any == 0 || secure == 0 ? std::max(any, secure)
                                 : std::min(any, secure);
}

void apply_options(int descriptor, const listener_config& config) noexcept {
  if (!is_local(config))
    apply_tcp_options(descriptor, config);
  if (config.send_buffer)
    set_option(descriptor, SOL_SOCKET, SO_SNDBUF,
               static_cast<int>(*config.send_buffer));
  if (config.receive_buffer)
    set_option(descriptor, SOL_SOCKET, SO_RCVBUF,
               static_cast<int>(*config.receive_buffer));
}

bool lacks_resources(int error) noexcept {
  return error == EMFILE || error == ENFILE || error == ENOBUFS
         || error == ENOMEM;
}

class listener_state : public runtime::timer, public runtime::io_handler {
public:
  static inline const char* name = "net.listener";

  listener_state(runtime::pinned_pointer<listener> self,
                 std::shared_ptr<const listening_socket> socket,
                 std::shared_ptr<listener_context> context,
                 gate_lookup next_gate, traffic_counters* counters)
    : self_(self),
      socket_(std::move(socket)),
      context_(std::move(context)),
      next_gate_(std::move(next_gate)),
      counters_(counters),
      rate_(rate_of(context_->config)) {}

  ~listener_state() override {
    if (acceptor_)
      self_->home().io().remove(acceptor_.get(), *this);
  }

  listener::behavior_type make_behavior() {
    begin();
    return {runtime::describing(self_, [this] { return snapshot(); })};
  }

  void on_timeout(mqtt::time_point) override {
    if (acceptor_)
      accept_batch();
    else
      begin();
  }

  void on_ready(runtime::readiness) override { accept_batch(); }

private:
  runtime::state_entries snapshot() const {
    return {
      {"listener", context_->config.name},
      {"address", socket_->address()},
      {"connections", std::to_string(context_->connections)},
      {"connections_max", std::to_string(context_->config.max_connections)},
      {"accepted", std::to_string(accepted_)},
      {"refused", std::to_string(refused_)}};
  }

  /// Also the copy may find no descriptor: that is no reason to fail.
  void begin() {
    socket_handle copy{
      ::fcntl(socket_->descriptor(), F_DUPFD_CLOEXEC, 0)};
    if (!copy || !self_->home().io().add(copy.get(), *this))
      return rest(errno);
    acceptor_ = std::move(copy);
  }

  void accept_batch() {
    auto& home = self_->home();
    for (int i = 0; i < accepts_max; ++i) {
      if (!rate_.may_take(home.now()))
        return wait_for_rate();
      sockaddr_storage address{};
      socklen_t size = sizeof(address);
      socket_handle socket{::accept4(acceptor_.get(),
                                     reinterpret_cast<sockaddr*>(&address),
                                     &size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
      if (!socket) {
        if (lacks_resources(errno))
          return rest(errno);
        if (errno == EAGAIN || errno == EWOULDBLOCK)
          return;
        continue; // the peer gave up while it waited
      }
      on_accepted(std::move(socket), address);
    }
    home.io().rearm(acceptor_.get(), *this, false);
  }

  /// Who comes meanwhile stays in the backlog.
  void wait_for_rate() {
    if (!std::exchange(is_throttled_, true))
      counters_->accept_throttled.add();
    self_->home().timers().schedule(*this, rate_.next());
  }

  void on_accepted(socket_handle socket, const sockaddr_storage& address) {
    rate_.take();
    is_throttled_ = false;
    auto slot = connection_slot::take(context_);
    if (!slot) {
      ++refused_;
      counters_->socket_refused.add();
      return;
    }
    ++accepted_;
    is_exhausted_ = false;
    apply_options(socket.get(), context_->config);
    auto accepted = std::make_shared<accepted_socket>();
    accepted->peer = peer_name(socket.get(), address);
    accepted->ip = ip_of(address);
    accepted->socket = std::move(socket);
    accepted->slot = std::move(slot);
    caf::anon_send(next_gate_(), std::move(accepted));
  }

  void rest(int error) {
    ++refused_;
    counters_->socket_refused.add();
    // Once, not ten times a second.
    if (!std::exchange(is_exhausted_, true))
      runtime::log::warning("listener.exhausted",
                            {{"listener", context_->config.name},
                             {"error", std::strerror(error)}});
    auto& home = self_->home();
    home.timers().schedule(*this, home.now() + exhausted_pause);
  }

  runtime::pinned_pointer<listener> self_;
  std::shared_ptr<const listening_socket> socket_;
  std::shared_ptr<listener_context> context_;
  gate_lookup next_gate_;
  traffic_counters* counters_;
  accept_rate rate_;
  socket_handle acceptor_; ///< watched as long as there is one
  std::uint64_t accepted_ = 0;
  std::uint64_t refused_ = 0;
  bool is_exhausted_ = false; // since the last that was accepted
  bool is_throttled_ = false; // likewise
};

} // namespace

listener spawn_listener(runtime::reactor& home,
                        std::shared_ptr<const listening_socket> socket,
                        std::shared_ptr<listener_context> context,
                        gate_lookup next_gate, traffic_counters& counters) {
  return runtime::spawn_pinned<listener, listener_state>(
    home, std::move(socket), std::move(context), std::move(next_gate),
    &counters);
}

} // namespace hetzel::net
