#include "actors/net/local_socket_file.hpp"

#include "actors/net/listening_socket.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace local_socket_file_test {

using namespace hetzel;
using net::listener_config;
using net::listening_socket;
using net::local_socket_file;
using net::socket_handle;

namespace {

listener_config at(const std::filesystem::path& path) {
  listener_config result;
  result.name = "tcp.local";
  result.address = path.string();
  return result;
}

/// 0, or why nobody was there.
int connect_to(const std::filesystem::path& path) {
  const socket_handle client{::socket(AF_UNIX, SOCK_STREAM, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, path.c_str());
  return ::connect(client.get(), reinterpret_cast<const sockaddr*>(&address),
                   sizeof(address))
             == 0
           ? 0
           : errno;
}

/// A socket's file without a socket, as a killed process leaves it.
void leave_behind(const std::filesystem::path& path) {
  const socket_handle killed{::socket(AF_UNIX, SOCK_STREAM, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, path.c_str());
  REQUIRE(::bind(killed.get(), reinterpret_cast<const sockaddr*>(&address),
                 sizeof(address))
          == 0);
}

unsigned mode_of(const std::filesystem::path& path) {
  struct stat found {};
  REQUIRE(::lstat(path.c_str(), &found) == 0);
  return found.st_mode & 07777U;
}

struct place {
  test::temporary_directory folder;
  std::filesystem::path path = folder.path("mqtt.sock");
};

} // namespace

TEST_CASE("a local listener is reached by its path, and tells it") {
  place p;
  const auto socket = listening_socket::open(at(p.path));
  REQUIRE(socket);
  CHECK(socket->address() == "unix:" + p.path.string());
  CHECK(socket->port() == 0);
  CHECK(connect_to(p.path) == 0);
}

TEST_CASE("its file has the permissions of the configuration, whatever the "
          "process's mask") {
  place p;
  auto config = at(p.path);
  const auto before = ::umask(0077);
  for (const unsigned mode : {0660U, 0600U, 0777U}) {
    config.socket_mode = mode;
    const auto socket = listening_socket::open(config);
    REQUIRE(socket);
    CHECK(mode_of(p.path) == mode);
  }
  ::umask(before);
}

TEST_CASE("the file goes with the socket, and a moved one's only once") {
  place p;
  {
    auto socket = listening_socket::open(at(p.path));
    REQUIRE(socket);
    const listening_socket moved{std::move(*socket)};
    CHECK(connect_to(p.path) == 0);
  }
  CHECK_FALSE(std::filesystem::exists(p.path));
}

TEST_CASE("a file that a killed process left behind is replaced") {
  place p;
  leave_behind(p.path);
  CHECK(connect_to(p.path) == ECONNREFUSED);
  const auto socket = listening_socket::open(at(p.path));
  REQUIRE(socket);
  CHECK(connect_to(p.path) == 0);
}

TEST_CASE("a socket on which somebody listens is not taken away") {
  place p;
  const auto first = listening_socket::open(at(p.path));
  REQUIRE(first);
  const auto second = listening_socket::open(at(p.path));
  REQUIRE_FALSE(second);
  CHECK(second.error()
        == "listener tcp.local: cannot listen on " + p.path.string()
             + ": Address already in use");
  CHECK(connect_to(p.path) == 0);
}

TEST_CASE("not even when its backlog is full") {
  place p;
  auto config = at(p.path);
  config.backlog = 1;
  const auto first = listening_socket::open(config);
  REQUIRE(first);
  std::vector<socket_handle> waiting;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, p.path.c_str());
  do
    waiting.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
  while (::connect(waiting.back().get(),
                   reinterpret_cast<const sockaddr*>(&address),
                   sizeof(address))
         == 0);
  CHECK_FALSE(listening_socket::open(at(p.path)));
  CHECK(std::filesystem::exists(p.path));
}

TEST_CASE("a file that is no socket stays, and is the reason") {
  place p;
  std::ofstream{p.path} << "precious";
  const auto socket = listening_socket::open(at(p.path));
  REQUIRE_FALSE(socket);
  CHECK(socket.error().ends_with(": there is a file that is no socket"));
  CHECK(std::filesystem::file_size(p.path) == 8);
}

TEST_CASE("who put another file in its place keeps it") {
  place p;
  {
    const auto socket = listening_socket::open(at(p.path));
    REQUIRE(socket);
    std::filesystem::remove(p.path);
    leave_behind(p.path);
  }
  CHECK(std::filesystem::exists(p.path));
}

TEST_CASE("a path that is too long, or in no folder, is an error") {
  place p;
  const auto long_path = p.folder.path(std::string(120, 'x'));
  CHECK(listening_socket::open(at(long_path)).error().ends_with(
    "File name too long"));
  CHECK(listening_socket::open(at(p.folder.path("none/s")))
          .error()
          .ends_with("No such file or directory"));
}

} // namespace local_socket_file_test
