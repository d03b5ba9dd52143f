#pragma once

#include "actors/admin/command_registry.hpp"
#include "actors/net/socket_handle.hpp"
#include "actors/runtime/poller.hpp"
#include "actors/runtime/reactor.hpp"
#include "actors/runtime/timer_wheel.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace hetzel::admin {

struct control_limits {
  /// Operators at one time; more are closed at once.
  std::size_t connections_max = 16;
  /// What waits for an operator who does not read; beyond it he is closed.
  std::size_t output_bytes_max = std::size_t{32} << 20;
  /// Without a whole request, or without a byte read of an answer.
  std::chrono::milliseconds idle_timeout = std::chrono::minutes{5};
};

/// Who is at the other end.
struct operator_identity {
  std::uint32_t user = 0;
  std::int32_t process = 0;
};

class control_connection;

/// What a connection needs of the actor that has it.
class control_connection_owner {
public:
  /// The answer comes back as `on_answer` with the same number.
  virtual void on_request(control_connection& from, std::uint64_t number,
                          std::string line) = 0;

  /// Destroys it.
  virtual void on_ended(control_connection& which) = 0;

protected:
  ~control_connection_owner() = default;
};

/// One operator: reads a request, waits for its answer, writes it, and so on.
/// Reads no further meanwhile. A side that was closed for writing still gets
/// its answers. On the owner's reactor.
class control_connection final : public runtime::io_handler,
                                 public runtime::timer {
public:
  control_connection(runtime::reactor& home, control_connection_owner& owner,
                     net::socket_handle socket, control_limits limits,
                     std::uint64_t id);
  ~control_connection() override;

  /// Greets, and listens. May end it, as may all that follows.
  void start();

  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  [[nodiscard]] operator_identity identity() const noexcept {
    return identity_;
  }

  /// The present request must have its end by then.
  void expect_answer_within(std::chrono::milliseconds deadline);

  /// Of another request than the present one it is dropped.
  void on_answer(std::uint64_t number, const answer_part& part);

  void on_ready(runtime::readiness what) override;
  void on_timeout(mqtt::time_point now) override;

private:
  [[nodiscard]] bool read();
  void advance();
  void take_request();
  [[nodiscard]] bool write();
  void rest(std::chrono::milliseconds longest);

  runtime::reactor& home_;
  control_connection_owner& owner_;
  net::socket_handle socket_;
  control_limits limits_;
  std::uint64_t id_;
  operator_identity identity_;
  std::string input_;
  std::string output_;
  std::uint64_t number_ = 0; ///< of the last request
  bool is_answering_ = false;
  bool has_input_ended_ = false;
  bool is_watching_room_ = false;
  bool is_last_ = false; ///< ends when everything is written
};

} // namespace hetzel::admin
