#include "actors/net/lingering_close.hpp"

#include "actors/net/stream_io.hpp"
#include "actors/runtime/poller.hpp"

#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include <sys/socket.h>

namespace hetzel::net {

namespace {

/// Lives on its reactor until it has ended itself.
class lingering_socket final : public runtime::resident,
                               public runtime::timer,
                               public runtime::io_handler {
public:
  lingering_socket(runtime::reactor& home, socket_handle socket,
                   mqtt::output_buffer output, traffic_counters& counters)
    : home_(home),
      socket_(std::move(socket)),
      output_(std::move(output)),
      counters_(counters) {
    counters_.lingering.add();
  }

  ~lingering_socket() override {
    home_.io().remove(socket_.get(), *this);
    counters_.lingering.subtract();
  }

  void start() {
    home_.timers().schedule(*this, home_.now() + linger_time);
    if (!home_.io().add(socket_.get(), *this) || !go_on())
      delete this;
  }

  void on_ready(runtime::readiness) override {
    if (!go_on())
      delete this;
  }

  void on_timeout(mqtt::time_point) override { delete this; }

private:
  /// False: there is nothing left to do.
  bool go_on() {
    if (!is_shut_) {
      const auto outcome = write_some(socket_.get(), output_);
      counters_.bytes_sent.add(outcome.bytes);
      if (outcome.result == write_result::failed)
        return false;
      if (outcome.result == write_result::would_block)
        return rearm();
      ::shutdown(socket_.get(), SHUT_WR);
      is_shut_ = true;
    }
    return discard();
  }

  bool discard() {
    std::array<char, 16 * 1024> bytes;
    const auto count
      = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count > 0 || (count < 0 && errno == EINTR))
      return rearm();
    return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

  bool rearm() {
    home_.io().rearm(socket_.get(), *this, !is_shut_);
    return true;
  }

  runtime::reactor& home_;
  socket_handle socket_;
  mqtt::output_buffer output_;
  traffic_counters& counters_;
  bool is_shut_ = false;
};

} // namespace

void linger(runtime::reactor& home, socket_handle socket,
            mqtt::output_buffer output, traffic_counters& counters) {
  if (counters.lingering.value() >= lingering_max) {
    counters.lingering_cut.add();
    counters.bytes_sent.add(write_some(socket.get(), output).bytes);
    return;
  }
  auto item = std::make_unique<lingering_socket>(
    home, std::move(socket), std::move(output), counters);
  auto& started = *item;
  home.keep(std::move(item));
  started.start();
}

} // namespace hetzel::net
