#include "actors/net/local_socket_file.hpp"

#include "actors/net/socket_handle.hpp"

#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace hetzel::net {

namespace {

mqtt::unexpected<std::string> failure(int error) {
  return mqtt::unexpected<std::string>(std::strerror(error));
}

const sockaddr* plain(const sockaddr_un& address) noexcept {
  return reinterpret_cast<const sockaddr*>(&address);
}

/// Somebody accepts there, or has a backlog that is full.
bool is_alive(const sockaddr_un& address) noexcept {
  const socket_handle probe{
    ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  return !probe || ::connect(probe.get(), plain(address), sizeof(address)) == 0
         || errno != ECONNREFUSED;
}

mqtt::expected<void, std::string> remove_stale(const sockaddr_un& address) {
  struct stat found {};
  if (::lstat(address.sun_path, &found) != 0)
    return errno == ENOENT ? mqtt::expected<void, std::string>{}
                           : failure(errno);
  if (!S_ISSOCK(found.st_mode))
    return mqtt::unexpected<std::string>("there is a file that is no socket");
  if (is_alive(address))
    return failure(EADDRINUSE);
  if (::unlink(address.sun_path) != 0 && errno != ENOENT)
    return failure(errno);
  return {};
}

} // namespace

mqtt::expected<local_socket_file, std::string>
local_socket_file::bind(int descriptor, const std::string& path,
                        unsigned mode) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path))
    return failure(ENAMETOOLONG);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  if (auto removed = remove_stale(address); !removed)
    return mqtt::unexpected(std::move(removed.error()));
  if (::bind(descriptor, plain(address), sizeof(address)) != 0)
    return failure(errno);
  local_socket_file made;
  made.path_ = path;
  struct stat own {};
  if (::lstat(path.c_str(), &own) != 0)
    return failure(errno);
  made.device_ = own.st_dev;
  made.inode_ = own.st_ino;
  if (::chmod(path.c_str(), static_cast<mode_t>(mode)) != 0)
    return failure(errno);
  return made;
}

local_socket_file::~local_socket_file() {
  struct stat found {};
  if (!path_.empty() && ::lstat(path_.c_str(), &found) == 0
      && found.st_dev == device_ && found.st_ino == inode_)
    ::unlink(path_.c_str());
}

} // namespace hetzel::net
