#include "actors/admin/control_socket.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace hetzel::admin {

namespace {

namespace fs = std::filesystem;
using net::socket_handle;

/// Operators that wait to be taken.
constexpr int backlog = 16;

/// An address has room for 107 characters only, a data directory's path may be
/// longer: the name of the open folder stands for it.
class short_address {
public:
  explicit short_address(const fs::path& path)
    : folder_(::open(path.has_parent_path() ? path.parent_path().c_str() : ".",
                     O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    if (!folder_)
      return;
    name_ = "/proc/self/fd/" + std::to_string(folder_.get()) + '/'
            + path.filename().string();
    if (name_.size() >= sizeof(address_.sun_path)) {
      errno = ENAMETOOLONG;
      folder_.close();
      return;
    }
    address_.sun_family = AF_UNIX;
    std::memcpy(address_.sun_path, name_.c_str(), name_.size() + 1);
  }

  /// Otherwise errno says why.
  explicit operator bool() const noexcept { return bool{folder_}; }

  [[nodiscard]] const sockaddr* get() const noexcept {
    return reinterpret_cast<const sockaddr*>(&address_);
  }
  [[nodiscard]] static socklen_t size() noexcept {
    return sizeof(sockaddr_un);
  }
  [[nodiscard]] const char* name() const noexcept { return name_.c_str(); }

private:
  socket_handle folder_;
  std::string name_;
  sockaddr_un address_{};
};

mqtt::unexpected<std::string> failure(const fs::path& path,
                                      const std::string& why) {
  return mqtt::unexpected<std::string>("control socket " + path.string() + ": "
                                       + why);
}

socket_handle make_socket(int flags) noexcept {
  return socket_handle{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags,
                                0)};
}

/// Why the path cannot be taken; empty: nothing stands there any more.
std::string clear(const short_address& address) {
  struct stat seen {};
  if (::lstat(address.name(), &seen) != 0)
    return errno == ENOENT ? "" : std::strerror(errno);
  if (!S_ISSOCK(seen.st_mode))
    return "there is something else";
  // Without waiting: a living node that is busy says EAGAIN.
  const auto probe = make_socket(SOCK_NONBLOCK);
  if (!probe)
    return std::strerror(errno);
  if (::connect(probe.get(), address.get(), address.size()) == 0
      || errno != ECONNREFUSED)
    return "a running node has it";
  if (::unlink(address.name()) != 0 && errno != ENOENT)
    return std::strerror(errno);
  return {};
}

} // namespace

mqtt::expected<control_socket, std::string>
control_socket::open(const fs::path& path) {
  const short_address address{path};
  if (!address)
    return failure(path, std::strerror(errno));
  if (const auto why = clear(address); !why.empty())
    return failure(path, why);
  auto socket = make_socket(SOCK_NONBLOCK);
  if (!socket || ::bind(socket.get(), address.get(), address.size()) != 0)
    return failure(path, std::strerror(errno));
  // Nobody can connect before `listen`, so nobody slips in before the mode.
  if (::chmod(address.name(), S_IRUSR | S_IWUSR) != 0
      || ::listen(socket.get(), backlog) != 0) {
    const auto why = errno;
    ::unlink(address.name());
    return failure(path, std::strerror(why));
  }
  return control_socket{std::move(socket), path};
}

control_socket::control_socket(socket_handle socket, fs::path path)
  : socket_(std::move(socket)), path_(std::move(path)) {}

control_socket::~control_socket() {
  if (!socket_)
    return;
  if (const short_address address{path_})
    ::unlink(address.name());
}

mqtt::expected<socket_handle, std::string>
connect_control(const fs::path& path) {
  const short_address address{path};
  if (!address)
    return failure(path, std::strerror(errno));
  auto socket = make_socket(0);
  if (!socket || ::connect(socket.get(), address.get(), address.size()) != 0)
    return failure(path, errno == ECONNREFUSED ? "no node listens there"
                                               : std::strerror(errno));
  return socket;
}

} // namespace hetzel::admin
