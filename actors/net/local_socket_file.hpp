#pragma once

#include "protocol/expected.hpp"

#include <string>
#include <utility>

#include <sys/types.h>

namespace hetzel::net {

/// The file that a local (Unix domain) socket is reached by; removed at
/// destruction, unless another file stands in its place by then.
class local_socket_file {
public:
  /// None.
  local_socket_file() = default;
  local_socket_file(local_socket_file&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      device_(other.device_),
      inode_(other.inode_) {}
  local_socket_file& operator=(local_socket_file&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(device_, other.device_);
    std::swap(inode_, other.inode_);
    return *this;
  }
  ~local_socket_file();

  /// Binds the socket to `path` with these permissions; nobody can connect
  /// before it listens. The file of a socket that nobody listens on any more,
  /// left by a process that was killed, is replaced. The error says why not.
  [[nodiscard]] static mqtt::expected<local_socket_file, std::string>
  bind(int descriptor, const std::string& path, unsigned mode);

private:
  std::string path_; ///< empty: none
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

} // namespace hetzel::net
