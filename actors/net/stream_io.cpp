#include "actors/net/stream_io.hpp"

#include <array>
#include <cerrno>

#include <sys/socket.h>
#include <sys/uio.h>

namespace hetzel::net {

namespace {

constexpr std::size_t parts_max = 64;

ssize_t send_parts(int descriptor, std::span<mqtt::bytes_view> parts) noexcept {
  if (parts.size() == 1)
    return ::send(descriptor, parts[0].data(), parts[0].size(),
                  MSG_NOSIGNAL | MSG_DONTWAIT);
  std::array<iovec, parts_max> vectors;
  for (std::size_t i = 0; i < parts.size(); ++i)
    vectors[i] = {const_cast<char*>(parts[i].data()), parts[i].size()};
  msghdr header{};
  header.msg_iov = vectors.data();
  header.msg_iovlen = parts.size();
  return ::sendmsg(descriptor, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
}

} // namespace

write_outcome write_some(int descriptor, mqtt::output_buffer& output) noexcept {
  std::size_t written = 0;
  while (!output.empty()) {
    std::array<mqtt::bytes_view, parts_max> parts;
    const auto used = output.gather(parts);
    std::size_t wanted = 0;
    for (std::size_t i = 0; i < used; ++i)
      wanted += parts[i].size();
    const auto sent = send_parts(descriptor, std::span(parts).first(used));
    if (sent < 0) {
      if (errno == EINTR)
        continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK)
        return {write_result::would_block, written, 0};
      return {write_result::failed, written, errno};
    }
    const auto count = static_cast<std::size_t>(sent);
    written += count;
    output.consume(count);
    // A short write means that the socket's buffer is full: asking once more
    // would only cost a system call.
    if (count < wanted)
      return {write_result::would_block, written, 0};
  }
  return {write_result::drained, written, 0};
}

} // namespace hetzel::net
