#include "actors/admin/control_server.hpp"

#include "actors/runtime/log.hpp"
#include "actors/runtime/pinned.hpp"
#include "actors/runtime/poller.hpp"

#include <caf/init_global_meta_objects.hpp>
#include <caf/send.hpp>

#include <cerrno>
#include <cstring>
#include <map>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hetzel::admin {

namespace {

/// How long accepting rests when the process has no descriptor left.
constexpr std::chrono::milliseconds exhausted_pause{500};

/// To itself, from whatever thread answers: connection, number of the request.
using server_actor = control_server::extend<caf::result<void>(
  std::uint64_t, std::uint64_t, answer_part_ptr)>;

void note(const operator_identity& who, const command& row,
          const request& what) {
  if (row.record == command_record::none)
    return;
  auto words = row.name;
  if (row.record == command_record::words && !what.arguments.empty())
    words += ' ' + encode_words(what.arguments);
  runtime::log::info("control.command", {{"command", words},
                                         {"user", who.user},
                                         {"process", who.process}});
}

class control_server_state : public runtime::io_handler,
                             public runtime::timer,
                             public control_connection_owner {
public:
  static inline const char* name = "admin.control_server";

  control_server_state(runtime::pinned_pointer<server_actor> self,
                       std::shared_ptr<const control_socket> socket,
                       const command_registry* registry, control_limits limits)
    : self_(self),
      socket_(std::move(socket)),
      registry_(registry),
      limits_(limits) {}

  ~control_server_state() override {
    if (acceptor_)
      self_->home().io().remove(acceptor_.get(), *this);
  }

  server_actor::behavior_type make_behavior() {
    begin();
    return {
      runtime::describing(self_, [this] { return snapshot(); }),
      [this](std::uint64_t connection, std::uint64_t number,
             const answer_part_ptr& part) {
        on_answer(connection, number, *part);
      },
    };
  }

  void on_timeout(mqtt::time_point) override {
    self_->guarded([this] { acceptor_ ? accept_all() : begin(); });
  }

  void on_ready(runtime::readiness) override {
    self_->guarded([this] { accept_all(); });
  }

  void on_request(control_connection& from, std::uint64_t number,
                  std::string line) override {
    ++requests_;
    const auto to = reply_to(from.id(), number);
    auto words = parse_words(line);
    if (!words)
      return to.reject(words.error());
    const auto asked = understand(*registry_, *std::move(words));
    if (asked.mistake.empty()) {
      note(from.identity(), *asked.found, asked.what);
      from.expect_answer_within(asked.found->deadline);
    }
    run(asked, to);
  }

  void on_ended(control_connection& which) override {
    connections_.erase(which.id());
  }

private:
  runtime::state_entries snapshot() const {
    return {{"socket", socket_->path().string()},
            {"connections", std::to_string(connections_.size())},
            {"connections_max", std::to_string(limits_.connections_max)},
            {"requests", std::to_string(requests_)},
            {"refused", std::to_string(refused_)}};
  }

  /// Also the copy may find no descriptor: that is no reason to fail.
  void begin() {
    net::socket_handle copy{
      ::fcntl(socket_->descriptor(), F_DUPFD_CLOEXEC, 0)};
    if (!copy || !self_->home().io().add_level(copy.get(), *this))
      return rest();
    acceptor_ = std::move(copy);
  }

  void accept_all() {
    for (;;) {
      net::socket_handle socket{
        ::accept4(acceptor_.get(), nullptr, nullptr,
                  SOCK_NONBLOCK | SOCK_CLOEXEC)};
      if (socket)
        add(std::move(socket));
      else if (errno == EAGAIN || errno == EWOULDBLOCK)
        return;
      else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS
               || errno == ENOMEM)
        return pause();
    }
  }

  void add(net::socket_handle socket) {
    if (connections_.size() >= limits_.connections_max) {
      ++refused_;
      return;
    }
    const auto id = ++last_id_;
    auto& added = *(connections_[id] = std::make_unique<control_connection>(
                      self_->home(), *this, std::move(socket), limits_, id));
    added.start();
  }

  /// Watched by level, it would be heard without end.
  void pause() {
    self_->home().io().remove(acceptor_.get(), *this);
    acceptor_.close();
    rest();
  }

  void rest() {
    auto& home = self_->home();
    home.timers().schedule(*this, home.now() + exhausted_pause);
  }

  reply reply_to(std::uint64_t connection, std::uint64_t number) {
    return reply{[to = caf::actor_cast<server_actor>(self_->ctrl()),
                  connection, number](answer_part part) {
      caf::anon_send(to, connection, number,
                     std::make_shared<const answer_part>(std::move(part)));
    }};
  }

  void on_answer(std::uint64_t connection, std::uint64_t number,
                 const answer_part& part) {
    if (const auto found = connections_.find(connection);
        found != connections_.end())
      found->second->on_answer(number, part);
  }

  runtime::pinned_pointer<server_actor> self_;
  std::shared_ptr<const control_socket> socket_;
  const command_registry* registry_;
  control_limits limits_;
  net::socket_handle acceptor_; ///< watched as long as there is one
  std::map<std::uint64_t, std::unique_ptr<control_connection>> connections_;
  std::uint64_t last_id_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t refused_ = 0;
};

} // namespace

control_server spawn_control_server(
  runtime::reactor& home, std::shared_ptr<const control_socket> socket,
  const command_registry& registry, control_limits limits) {
  return runtime::spawn_pinned<server_actor, control_server_state>(
    home, std::move(socket), &registry, limits);
}

void register_types() {
  caf::init_global_meta_objects<caf::id_block::hetzel_admin>();
}

} // namespace hetzel::admin
