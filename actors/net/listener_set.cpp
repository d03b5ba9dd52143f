#include "actors/net/listener_set.hpp"

#include "actors/net/tls/tls_source.hpp"
#include "actors/runtime/log.hpp"

#include <caf/scoped_actor.hpp>

#include <algorithm>
#include <utility>

#include <sys/socket.h>

namespace hetzel::net {

namespace {

using text_outcome = mqtt::expected<void, std::string>;

mqtt::unexpected<std::string> fault(std::string what) {
  return mqtt::unexpected<std::string>(std::move(what));
}

/// Waits for the answer of a supervisor, which `on_done` takes.
template <class OnDone, class... Words>
text_outcome ask(caf::actor_system& system,
                 const runtime::supervisor_actor& whom, OnDone on_done,
                 Words... words) {
  text_outcome result;
  if (!whom)
    return fault("there is no supervisor of listeners");
  caf::scoped_actor self{system};
  self->request(whom, listener_set::step_timeout, std::move(words)...)
    .receive(on_done,
             [&](const caf::error& why) { result = fault(to_string(why)); });
  return result;
}

mqtt::expected<std::shared_ptr<const listening_socket>, std::string>
open_socket(const listener_config& config) {
  auto opened = listening_socket::open(config);
  if (!opened)
    return fault(std::move(opened.error()));
  return std::make_shared<const listening_socket>(std::move(*opened));
}

/// Null when there is no TLS on it. Whoever asks for an application there asks
/// for the one next above.
mqtt::expected<std::shared_ptr<tls_source>, std::string>
open_tls(const listener_config& config) {
  switch (config.kind) {
    case listener_kind::tcp:
    case listener_kind::ws:
      break;
    case listener_kind::ssl:
      return tls_source::open(config.name, config.tls, "mqtt");
    case listener_kind::wss:
      return tls_source::open(config.name, config.tls, "http/1.1");
  }
  return std::shared_ptr<tls_source>{};
}

std::string unknown(std::string_view name) {
  return "there is no listener " + std::string{name};
}

} // namespace

const char* to_string(listener_status status) noexcept {
  return status == listener_status::running ? "running" : "suspended";
}

listener_set::listener_set(listener_wiring wiring)
  : wiring_(std::move(wiring)) {}

// -- the start ----------------------------------------------------------------

listener_set::outcome
listener_set::open(std::span<const listener_config> configs) {
  const std::lock_guard guard{mutex_};
  for (const auto& config : configs) {
    auto made = make(config);
    if (!made)
      return fault(std::move(made.error()));
    entries_.push_back(std::move(*made));
  }
  return {};
}

mqtt::expected<listener_set::entry, std::string>
listener_set::make(const listener_config& config) {
  auto tls = open_tls(config);
  if (!tls)
    return fault(std::move(tls.error()));
  auto socket = open_socket(config);
  if (!socket)
    return fault(std::move(socket.error()));
  entry made;
  made.context = std::make_shared<listener_context>();
  made.context->config = config;
  made.context->layers = *tls;
  made.tls = std::move(*tls);
  made.port = (*socket)->port();
  made.socket = std::move(*socket);
  made.home = turn_++ % wiring_.homes.size();
  return made;
}

/// Of the listeners as they are whenever it is started, the first time or
/// again.
runtime::child_spec listener_set::child() {
  runtime::supervisor_spec empty;
  empty.name = "listeners";
  auto spec = runtime::supervisor_child(wiring_.system, std::move(empty));
  spec.start = [this] {
    return caf::actor_cast<caf::strong_actor_ptr>(
      runtime::spawn_supervisor(wiring_.system, supervisor()));
  };
  spec.on_started = [this](const caf::strong_actor_ptr& started) {
    supervisor_.set(caf::actor_cast<runtime::supervisor_actor>(started));
  };
  return spec;
}

runtime::supervisor_spec listener_set::supervisor() const {
  const std::lock_guard guard{mutex_};
  runtime::supervisor_spec spec;
  spec.name = "listeners";
  for (const auto& one : entries_)
    if (one.socket)
      spec.children.push_back(child_of(one));
  return spec;
}

runtime::child_spec listener_set::child_of(const entry& one) const {
  auto& home = wiring_.homes[one.home];
  runtime::child_spec spec;
  spec.name = one.context->config.name;
  spec.start = [home, socket = one.socket, context = one.context,
                gates = wiring_.gates] {
    return caf::actor_cast<caf::strong_actor_ptr>(spawn_listener(
      home.reactor, socket, context, gates(), home.traffic));
  };
  return spec;
}

// -- while it runs ------------------------------------------------------------

std::vector<std::string>
listener_set::apply(std::span<const listener_config> configs) {
  const std::lock_guard guard{mutex_};
  std::vector<std::string> faults;
  const auto note = [&](const outcome& done) {
    if (!done)
      faults.push_back(done.error());
  };
  std::vector<std::string> gone;
  for (const auto& one : entries_)
    if (std::none_of(configs.begin(), configs.end(), [&](const auto& config) {
          return config.name == one.context->config.name;
        }))
      gone.push_back(one.context->config.name);
  // First: another may want its address.
  for (const auto& name : gone)
    erase(name);
  for (const auto& config : configs) {
    auto* const known = find(config.name);
    if (!known)
      note(add(config));
    else if (known->context->config != config)
      note(change(*known, config));
    else if (known->tls)
      static_cast<void>(known->tls->refresh());
  }
  return faults;
}

listener_set::outcome listener_set::start(const listener_config& config) {
  const std::lock_guard guard{mutex_};
  if (find(config.name))
    return fault("there is a listener " + config.name + " already");
  return add(config);
}

listener_set::outcome listener_set::stop(std::string_view name) {
  const std::lock_guard guard{mutex_};
  auto* const one = find(name);
  if (!one)
    return fault(unknown(name));
  if (!one->socket)
    return {};
  end_child(name);
  one->socket.reset();
  runtime::log::info("listener.stopped", {{"listener", name}});
  return {};
}

listener_set::outcome listener_set::restart(std::string_view name) {
  const std::lock_guard guard{mutex_};
  auto* const one = find(name);
  if (!one)
    return fault(unknown(name));
  if (one->socket)
    return {};
  // The port that its clients know.
  auto config = one->context->config;
  config.port = one->port;
  auto socket = open_socket(config);
  if (!socket)
    return fault(std::move(socket.error()));
  one->socket = std::move(*socket);
  auto started = start_child(*one);
  if (!started)
    one->socket.reset();
  return started;
}

listener_set::outcome listener_set::remove(std::string_view name) {
  const std::lock_guard guard{mutex_};
  auto* const one = find(name);
  if (!one)
    return fault(unknown(name));
  if (one->socket)
    return fault("listener " + std::string{name} + " runs; stop it first");
  erase(name);
  return {};
}

void listener_set::refresh_tls() {
  std::vector<std::shared_ptr<tls_source>> sources;
  {
    const std::lock_guard guard{mutex_};
    for (const auto& one : entries_)
      if (one.tls)
        sources.push_back(one.tls);
  }
  for (const auto& one : sources)
    static_cast<void>(one->refresh());
}

std::vector<listener_facts> listener_set::list() const {
  const std::lock_guard guard{mutex_};
  std::vector<listener_facts> facts;
  for (const auto& one : entries_)
    facts.push_back({one.context->config,
                     one.socket ? listener_status::running
                                : listener_status::suspended,
                     one.port, one.context->connections});
  return facts;
}

// -- one of them --------------------------------------------------------------

listener_set::entry* listener_set::find(std::string_view name) {
  const auto found
    = std::find_if(entries_.begin(), entries_.end(), [&](const entry& one) {
        return one.context->config.name == name;
      });
  return found == entries_.end() ? nullptr : &*found;
}

listener_set::outcome listener_set::start_child(const entry& one) const {
  const auto& name = one.context->config.name;
  auto done
    = ask(wiring_.system, supervisor_.get(),
          [](const caf::strong_actor_ptr&) {}, runtime::start_child_atom_v,
          std::make_shared<const runtime::child_spec>(child_of(one)));
  if (!done)
    return fault("listener " + name + ": " + done.error());
  runtime::log::info("listener.started", {{"listener", name},
                                          {"address", one.socket->address()}});
  return {};
}

/// An error means that it has ended already, with its supervisor.
void listener_set::end_child(std::string_view name) const {
  const auto whom = supervisor_.get();
  static_cast<void>(ask(
    wiring_.system, whom, [] {}, runtime::terminate_child_atom_v,
    std::string{name}));
  static_cast<void>(ask(
    wiring_.system, whom, [] {}, runtime::delete_child_atom_v,
    std::string{name}));
}

listener_set::outcome listener_set::add(const listener_config& config) {
  auto made = make(config);
  if (!made)
    return fault(std::move(made.error()));
  if (auto started = start_child(*made); !started)
    return started;
  entries_.push_back(std::move(*made));
  return {};
}

/// All that can fail comes first. The socket is kept where it can be, and with
/// it who waits to be accepted.
listener_set::outcome listener_set::change(entry& one,
                                           const listener_config& config) {
  auto tls = open_tls(config);
  if (!tls)
    return fault(std::move(tls.error()));
  const auto& before = one.context->config;
  const bool is_elsewhere
    = config.address != before.address || config.port != before.port;
  auto next = one;
  if (one.socket && is_elsewhere) {
    auto socket = open_socket(config);
    if (!socket)
      return fault(std::move(socket.error()));
    next.socket = std::move(*socket);
    next.port = next.socket->port();
  } else if (one.socket) {
    ::listen(one.socket->descriptor(), config.backlog);
  } else if (is_elsewhere) {
    next.port = config.port;
  }
  next.context = std::make_shared<listener_context>();
  next.context->config = config;
  next.context->connections = one.context->connections;
  next.context->layers = *tls;
  next.tls = std::move(*tls);
  if (one.socket)
    end_child(config.name);
  one = std::move(next);
  return one.socket ? start_child(one) : outcome{};
}

void listener_set::erase(std::string_view name) {
  const std::string gone{name};
  auto* const one = find(gone);
  if (one->socket)
    end_child(gone);
  entries_.erase(entries_.begin() + (one - entries_.data()));
  runtime::log::info("listener.removed", {{"listener", gone}});
}

} // namespace hetzel::net
