#include "actors/admin/control_connection.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

namespace hetzel::admin {

namespace {

operator_identity identity_of(int descriptor) noexcept {
  ucred who{};
  socklen_t size = sizeof(who);
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0)
    return {};
  return {who.uid, who.pid};
}

bool would_block() noexcept {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

} // namespace

control_connection::control_connection(runtime::reactor& home,
                                       control_connection_owner& owner,
                                       net::socket_handle socket,
                                       control_limits limits, std::uint64_t id)
  : home_(home),
    owner_(owner),
    socket_(std::move(socket)),
    limits_(limits),
    id_(id),
    identity_(identity_of(socket_.get())) {}

control_connection::~control_connection() {
  if (socket_)
    home_.io().remove(socket_.get(), *this);
}

void control_connection::start() {
  if (!home_.io().add(socket_.get(), *this)) {
    socket_.close();
    return owner_.on_ended(*this);
  }
  output_ = std::string{greeting} + '\n';
  rest(limits_.idle_timeout);
  advance();
}

void control_connection::expect_answer_within(
  std::chrono::milliseconds deadline) {
  if (is_answering_)
    rest(deadline);
}

void control_connection::on_answer(std::uint64_t number,
                                   const answer_part& part) {
  if (!is_answering_ || number != number_)
    return;
  for (const auto& line : part.lines)
    output_ += text_line(line);
  if (part.end) {
    output_ += status_line(*part.end);
    is_answering_ = false;
    rest(limits_.idle_timeout);
  }
  if (output_.size() > limits_.output_bytes_max)
    return owner_.on_ended(*this);
  advance();
}

void control_connection::on_ready(runtime::readiness) {
  advance();
}

void control_connection::on_timeout(mqtt::time_point) {
  if (!is_answering_)
    return owner_.on_ended(*this);
  // What the command began goes on, but its answer is nobody's any more.
  on_answer(number_,
            {{}, status{outcome::failed, "the command did not answer in time; "
                                         "it may still be at work"}});
}

/// Does all that can be done now.
void control_connection::advance() {
  if (!read())
    return owner_.on_ended(*this);
  take_request();
  if (!write())
    return owner_.on_ended(*this);
  const bool is_over = is_last_ || (has_input_ended_ && !is_answering_);
  if (is_over && output_.empty())
    owner_.on_ended(*this);
}

/// As far as a request goes; false: the connection is broken.
bool control_connection::read() {
  std::array<char, 4096> bytes;
  while (!has_input_ended_ && !is_answering_
         && input_.size() <= request_bytes_max) {
    const auto size = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (size > 0) {
      input_.append(bytes.data(), static_cast<std::size_t>(size));
    } else if (size == 0) {
      has_input_ended_ = true;
    } else if (errno != EINTR) {
      return would_block();
    }
  }
  return true;
}

void control_connection::take_request() {
  if (is_answering_ || is_last_)
    return;
  const auto end = input_.find('\n');
  if (end > request_bytes_max) {
    if (input_.size() <= request_bytes_max)
      return;
    output_ += status_line({outcome::usage, "the request is too long"});
    is_last_ = has_input_ended_ = true;
    return;
  }
  auto line = input_.substr(0, end);
  input_.erase(0, end + 1);
  if (line.ends_with('\r'))
    line.pop_back();
  is_answering_ = true;
  owner_.on_request(*this, ++number_, std::move(line));
}

bool control_connection::write() {
  std::size_t sent = 0;
  while (sent < output_.size()) {
    const auto size = ::send(socket_.get(), output_.data() + sent,
                             output_.size() - sent, MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR)
      continue;
    if (size < 0 && !would_block())
      return false;
    if (size < 0)
      break;
    sent += static_cast<std::size_t>(size);
  }
  if (sent > 0 && !is_answering_)
    rest(limits_.idle_timeout);
  output_.erase(0, sent);
  // Once: a side that is closed is ready again at each rearm.
  if (!output_.empty() && !std::exchange(is_watching_room_, true))
    home_.io().rearm(socket_.get(), *this, true);
  return true;
}

void control_connection::rest(std::chrono::milliseconds longest) {
  home_.timers().schedule(*this, home_.now() + longest);
}

} // namespace hetzel::admin
