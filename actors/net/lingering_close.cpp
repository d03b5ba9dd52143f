#include "actors/net/lingering_close.hpp"

#include "actors/net/stream_descriptor.hpp"
#include "actors/net/stream_io.hpp"

#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include <sys/socket.h>

namespace hetzel::net {

namespace {

/// Kept alive by its own pending wait; the timer cancels that.
class lingering_socket : public runtime::timer,
                         public std::enable_shared_from_this<lingering_socket> {
public:
  lingering_socket(runtime::reactor& home, socket_handle socket,
                   mqtt::output_buffer output, traffic_counters& counters)
    : descriptor_(home.io(), socket.release()),
      output_(std::move(output)),
      counters_(counters) {
    counters_.lingering.add();
    home.timers().schedule(*this, home.now() + linger_time);
  }

  ~lingering_socket() override { counters_.lingering.subtract(); }

  void write() {
    const auto outcome = write_some(descriptor_.native_handle(), output_);
    counters_.bytes_sent.add(outcome.bytes);
    if (outcome.result == write_result::failed)
      return;
    if (outcome.result == write_result::would_block)
      return wait(stream_descriptor::wait_write, &lingering_socket::write);
    ::shutdown(descriptor_.native_handle(), SHUT_WR);
    discard();
  }

  void on_timeout(mqtt::time_point) override {
    boost::system::error_code ignored;
    descriptor_.cancel(ignored);
  }

private:
  void discard() {
    std::array<char, 16 * 1024> bytes;
    const auto count = ::recv(descriptor_.native_handle(), bytes.data(),
                              bytes.size(), MSG_DONTWAIT);
    const bool waiting
      = count < 0
        && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    if (count > 0 || waiting)
      wait(stream_descriptor::wait_read, &lingering_socket::discard);
  }

  void wait(stream_descriptor::wait_type what,
            void (lingering_socket::*next)()) {
    descriptor_.async_wait(
      what, [self = shared_from_this(),
             next](const boost::system::error_code& error) {
        if (!error)
          ((*self).*next)();
      });
  }

  stream_descriptor descriptor_;
  mqtt::output_buffer output_;
  traffic_counters& counters_;
};

} // namespace

void linger(runtime::reactor& home, socket_handle socket,
            mqtt::output_buffer output, traffic_counters& counters) {
  if (counters.lingering.value() >= lingering_max) {
    counters.lingering_cut.add();
    counters.bytes_sent.add(write_some(socket.get(), output).bytes);
    return;
  }
  std::make_shared<lingering_socket>(home, std::move(socket),
                                     std::move(output), counters)
    ->write();
}

} // namespace hetzel::net
