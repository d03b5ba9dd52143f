#include "actors/admin/control_server.hpp"

#include "actors/admin/client/control_client.hpp"
#include "test/support/runtime_fixture.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

namespace control_server_test {

using namespace hetzel;
using namespace hetzel::admin;
using namespace std::chrono_literals;
using hetzel::test::runtime_fixture;
using hetzel::test::temporary_directory;

namespace {

using words = std::vector<std::string>;

const bool types_are_registered = [] {
  admin::register_types();
  return true;
}();

/// Replies that wait for the test.
class waiting_room {
public:
  void put(const reply& to) {
    const std::lock_guard guard{mutex_};
    waiting_.push_back(to);
    came_.notify_all();
  }

  reply take() {
    std::unique_lock guard{mutex_};
    REQUIRE(came_.wait_for(guard, 20s, [&] { return !waiting_.empty(); }));
    auto first = waiting_.front();
    waiting_.erase(waiting_.begin());
    return first;
  }

private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<reply> waiting_;
};

struct served : runtime_fixture {
  explicit served(control_limits limits = {}) {
    registry.add({.name = "echo",
                  .arguments_max = request_words_max,
                  .run = [](const request& what, const reply& to) {
                    to.done(what.arguments);
                  }});
    registry.add({.name = "flood", .run = [](const request&, const reply& to) {
                    to.done(words(100'000, std::string(100, 'x')));
                  }});
    registry.add({.name = "later",
                  .deadline = 20s,
                  .run = [this](const request&, const reply& to) {
                    waiting.put(to);
                  }});
    registry.add({.name = "never",
                  .deadline = 20ms,
                  .run = [this](const request&, const reply& to) {
                    waiting.put(to);
                  }});
    auto opened = control_socket::open(place.path("s"));
    socket = std::make_shared<const control_socket>(*std::move(opened));
    server = spawn_control_server(pool[0], socket, registry, limits);
  }

  ~served() { kill(); }

  void kill() {
    caf::scoped_actor self{system};
    self->send_exit(server, caf::exit_reason::kill);
    self->wait_for(server);
  }

  control_client client() {
    auto made = control_client::connect(place.path("s"), 20s);
    REQUIRE(made);
    return *std::move(made);
  }

  temporary_directory place;
  command_registry registry;
  waiting_room waiting;
  std::shared_ptr<const control_socket> socket;
  control_server server;
};

/// The lines of the answer, and how it ended.
words ask(control_client& node, const words& what) {
  words heard;
  const auto ended = node.ask(
    what, [&](std::string_view text) { heard.emplace_back(text); });
  heard.push_back(ended ? std::string{to_string(ended->how)} + ' '
                            + ended->sentence
                        : "broken");
  return heard;
}

/// Everything until the server closes.
std::string read_all(const net::socket_handle& from) {
  std::string all;
  char bytes[4096];
  for (;;) {
    const auto size = ::recv(from.get(), bytes, sizeof(bytes), 0);
    if (size <= 0)
      return all;
    all.append(bytes, static_cast<std::size_t>(size));
  }
}

net::socket_handle raw(const served& here, std::string_view bytes) {
  auto socket = *connect_control(here.place.path("s"));
  REQUIRE(::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL)
          == static_cast<ssize_t>(bytes.size()));
  return socket;
}

std::string state_of(const served& here, const std::string& key) {
  std::string value;
  caf::scoped_actor self{const_cast<served&>(here).system};
  self->request(here.server, 20s, runtime::describe_atom_v)
    .receive(
      [&](const runtime::actor_description& what) {
        for (const auto& entry : what.state)
          if (entry.key == key)
            value = entry.value;
      },
      [](const caf::error&) {});
  return value;
}

} // namespace

TEST_CASE("requests are answered one after the other on a connection") {
  served here;
  auto node = here.client();
  CHECK(ask(node, {"echo", "a b", "c"}) == words{"a b", "c", "ok "});
  CHECK(ask(node, {"nonsense"})
        == words{"usage no command nonsense; see help"});
  CHECK(ask(node, {"echo"}) == words{"ok "});
}

TEST_CASE("requests that were sent at once are answered in their order, also "
          "to a side that was closed") {
  served here;
  const auto socket = raw(here, "echo 1\r\necho 2\necho \"\n");
  ::shutdown(socket.get(), SHUT_WR);
  CHECK(read_all(socket)
        == "hetzel control 1\n 1\nok\n 2\nok\nusage a quote is not closed\n");
}

TEST_CASE("a command answers later, and others need not wait for it") {
  served here;
  auto slow = here.client();
  std::optional<words> heard;
  std::thread asking{[&] { heard = ask(slow, {"later"}); }};
  const auto to = here.waiting.take();
  auto quick = here.client();
  CHECK(ask(quick, {"echo", "x"}) == words{"x", "ok "});
  to.line("half");
  to.fail("no room");
  asking.join();
  CHECK(*heard == words{"half", "failed no room"});
}

TEST_CASE("who waits too long is told so, and what comes later is nobody's") {
  served here;
  auto node = here.client();
  const auto heard = ask(node, {"never"});
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].starts_with("failed the command did not answer in time"));
  here.waiting.take().done({"late"});
  CHECK(ask(node, {"echo", "x"}) == words{"x", "ok "});
}

TEST_CASE("a request that is too long ends the connection") {
  served here;
  const auto long_line = raw(here, std::string(request_bytes_max + 1, 'x'));
  CHECK(read_all(long_line)
        == "hetzel control 1\nusage the request is too long\n");
}

TEST_CASE("there are so many operators and no more") {
  served here{{.connections_max = 2}};
  auto one = here.client();
  auto two = here.client();
  CHECK_FALSE(control_client::connect(here.place.path("s"), 20s));
  CHECK(state_of(here, "refused") == "1");
  CHECK(ask(two, {"echo"}) == words{"ok "});
}

TEST_CASE("an operator who says nothing is closed") {
  served here{{.idle_timeout = 20ms}};
  const auto socket = raw(here, "ech");
  CHECK(read_all(socket) == "hetzel control 1\n");
}

TEST_CASE("a long answer comes whole to who reads it, and ends the connection "
          "of who does not") {
  served here;
  auto node = here.client();
  CHECK(ask(node, {"flood"}).size() == 100'001);
  served tight{{.output_bytes_max = 1 << 20}};
  auto deaf = tight.client();
  CHECK(ask(deaf, {"flood"}) == words{"broken"});
}

TEST_CASE("a client that is gone takes nothing along") {
  served here;
  { const auto socket = raw(here, "later\n"); }
  here.waiting.take().done({"to nobody"});
  auto node = here.client();
  CHECK(ask(node, {"echo", "x"}) == words{"x", "ok "});
}

TEST_CASE("the next server serves the same socket") {
  served here;
  auto before = here.client();
  here.kill();
  CHECK(ask(before, {"echo"}) == words{"broken"});
  here.server = spawn_control_server(here.pool[0], here.socket, here.registry);
  auto after = here.client();
  CHECK(ask(after, {"echo", "x"}) == words{"x", "ok "});
}

} // namespace control_server_test
