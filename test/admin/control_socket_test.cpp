#include "actors/admin/control_socket.hpp"

#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace control_socket_test {

using namespace hetzel::admin;
using hetzel::net::socket_handle;
using hetzel::test::temporary_directory;

namespace fs = std::filesystem;

namespace {

/// What a process leaves that is killed.
void leave_stale(const std::string& path) {
  const socket_handle socket{::socket(AF_UNIX, SOCK_STREAM, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address),
                 sizeof(address))
          == 0);
}

} // namespace

TEST_CASE("only its owner can connect to the socket, which goes with its "
          "object") {
  const temporary_directory place;
  const auto path = place.path("control.sock");
  {
    const auto opened = control_socket::open(path);
    REQUIRE(opened);
    struct stat seen {};
    REQUIRE(::stat(path.c_str(), &seen) == 0);
    CHECK((seen.st_mode & 0777) == 0600);
    CHECK(connect_control(path));
  }
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("the socket of a dead process is replaced") {
  const temporary_directory place;
  leave_stale(place.path("control.sock"));
  REQUIRE_FALSE(connect_control(place.path("control.sock")));
  const auto opened = control_socket::open(place.path("control.sock"));
  REQUIRE(opened);
  CHECK(connect_control(place.path("control.sock")));
}

TEST_CASE("that of a living one is left to it") {
  const temporary_directory place;
  const auto first = control_socket::open(place.path("control.sock"));
  REQUIRE(first);
  const auto second = control_socket::open(place.path("control.sock"));
  REQUIRE_FALSE(second);
  CHECK(second.error().find("a running node has it") != std::string::npos);
  CHECK(connect_control(place.path("control.sock")));
}

TEST_CASE("what is no socket is left alone") {
  const temporary_directory place;
  std::ofstream{place.path("control.sock")} << "a letter";
  const auto opened = control_socket::open(place.path("control.sock"));
  REQUIRE_FALSE(opened);
  CHECK(opened.error().find("there is something else") != std::string::npos);
  CHECK(fs::file_size(place.path("control.sock")) == 8);
}

TEST_CASE("a path may be longer than the address of a socket") {
  const temporary_directory place;
  const fs::path folder{place.path(std::string(150, 'd'))};
  REQUIRE(fs::create_directory(folder));
  const auto opened = control_socket::open(folder / "control.sock");
  REQUIRE(opened);
  CHECK(connect_control(folder / "control.sock"));
}

TEST_CASE("a folder that is not there is a sentence") {
  const auto opened = control_socket::open("/nowhere/control.sock");
  REQUIRE_FALSE(opened);
  CHECK(opened.error()
        == "control socket /nowhere/control.sock: No such file or directory");
}

} // namespace control_socket_test
