#include "actors/admin/client/control_client.hpp"

#include "actors/admin/control_socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

namespace hetzel::admin {

namespace {

/// A node that starts up takes connections later.
constexpr std::chrono::seconds greeting_patience{30};

int milliseconds(control_client::patience longest) noexcept {
  constexpr std::int64_t most = 1'000'000'000;
  return longest ? static_cast<int>(std::min<std::int64_t>(longest->count(),
                                                           most))
                 : -1;
}

} // namespace

control_client::control_client(net::socket_handle socket, patience longest)
  : socket_(std::move(socket)), patience_(longest) {}

mqtt::expected<control_client, std::string>
control_client::connect(const std::filesystem::path& socket,
                        patience longest) {
  auto connected = connect_control(socket);
  if (!connected)
    return mqtt::unexpected(std::move(connected).error());
  control_client made{*std::move(connected), longest};
  const auto line = made.read_line(longest ? longest : greeting_patience);
  if (!line)
    return mqtt::unexpected(line.error());
  if (*line != greeting)
    return mqtt::unexpected<std::string>(
      "the node speaks another version: " + *line);
  return made;
}

mqtt::expected<status, std::string> control_client::ask(
  std::span<const std::string> words,
  const std::function<void(std::string_view text)>& on_text) {
  const auto line = encode_words(words);
  if (line.size() > request_bytes_max)
    return status{outcome::usage, "the request is too long"};
  if (!send(line + '\n'))
    return mqtt::unexpected<std::string>(std::strerror(errno));
  for (;;) {
    const auto answer = read_line(patience_);
    if (!answer)
      return mqtt::unexpected(answer.error());
    if (answer->starts_with(' ')) {
      on_text(std::string_view{*answer}.substr(1));
      continue;
    }
    auto end = parse_status(*answer);
    if (!end)
      return mqtt::unexpected<std::string>("the node said " + *answer);
    return *std::move(end);
  }
}

control_client::line_read control_client::read_line(patience longest) {
  for (;;) {
    if (const auto end = input_.find('\n'); end != std::string::npos) {
      auto line = input_.substr(0, end);
      input_.erase(0, end + 1);
      return line;
    }
    pollfd waiting{socket_.get(), POLLIN, 0};
    const int ready = ::poll(&waiting, 1, milliseconds(longest));
    if (ready == 0)
      return mqtt::unexpected<std::string>("the node did not answer in time");
    std::array<char, 16'384> bytes;
    const auto size
      = ready < 0 ? -1 : ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (size > 0)
      input_.append(bytes.data(), static_cast<std::size_t>(size));
    else if (size == 0)
      return mqtt::unexpected<std::string>("the node closed the connection");
    else if (errno != EINTR)
      return mqtt::unexpected<std::string>(std::strerror(errno));
  }
}

bool control_client::send(std::string_view line) noexcept {
  while (!line.empty()) {
    const auto size
      = ::send(socket_.get(), line.data(), line.size(), MSG_NOSIGNAL);
    if (size < 0 && errno != EINTR)
      return false;
    if (size > 0)
      line.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

} // namespace hetzel::admin
