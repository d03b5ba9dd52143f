#include "test/support/net_fixture.hpp"

#include "actors/net/type_ids.hpp"
#include "actors/runtime/introspection.hpp"

#include <caf/init_global_meta_objects.hpp>

#include <exception>
#include <future>
#include <utility>

using namespace std::chrono_literals;

namespace hetzel::test {

namespace {

const bool types_are_registered = [] {
  caf::init_global_meta_objects<caf::id_block::hetzel_net>();
  return true;
}();

constexpr std::chrono::seconds patience{net_peer::patience_seconds};

/// Asks at each tick of the wheel. Destroys itself in the end.
class condition_timer final : public runtime::timer {
public:
  condition_timer(runtime::reactor& home, std::function<bool()> condition,
                  std::promise<bool>& answer)
    : home_(home),
      condition_(std::move(condition)),
      answer_(answer),
      deadline_(home.now() + patience) {}

  void on_timeout(mqtt::time_point now) override {
    const bool is_met = condition_();
    if (!is_met && now < deadline_)
      return home_.timers().schedule(*this, now + 1ms);
    auto& answer = answer_;
    delete this;
    answer.set_value(is_met);
  }

private:
  runtime::reactor& home_;
  std::function<bool()> condition_;
  std::promise<bool>& answer_;
  mqtt::time_point deadline_;
};

} // namespace

net_fixture::net_fixture(std::size_t reactors) : runtime_fixture(reactors) {}

void net_fixture::run(const std::function<void()>& job) {
  run_on(home(), job);
}

void net_fixture::run_on(runtime::reactor& where,
                         const std::function<void()>& job) {
  std::promise<void> done;
  where.post([&] {
    try {
      job();
      done.set_value();
    } catch (...) {
      done.set_exception(std::current_exception());
    }
  });
  done.get_future().get();
}

bool net_fixture::eventually(std::function<bool()> condition) {
  return eventually_on(home(), std::move(condition));
}

bool net_fixture::eventually_on(runtime::reactor& where,
                                std::function<bool()> condition) {
  std::promise<bool> answer;
  run_on(where, [&] {
    auto* timer = new condition_timer{where, std::move(condition), answer};
    timer->on_timeout(where.now());
  });
  return answer.get_future().get();
}

std::string net_fixture::state_entry(const caf::strong_actor_ptr& which,
                                     const std::string& key) {
  std::string result;
  self
    ->request(caf::actor_cast<runtime::introspectable>(which), patience,
              runtime::describe_atom_v)
    .receive(
      [&](const runtime::actor_description& is) {
        for (const auto& entry : is.state)
          if (entry.key == key)
            result = entry.value;
      },
      [&](const caf::error& why) { result = to_string(why); });
  return result;
}

plugged::plugged(net_fixture& around, net::socket_handle socket)
  : plugged(around, around.home(), std::move(socket)) {}

plugged::plugged(net_fixture& around, runtime::reactor& home,
                 net::socket_handle socket)
  : around_(around), home_(home) {
  run([&] {
    link = std::make_unique<net::connection>(home_, std::move(socket), *this,
                                             output, around_.counters);
  });
}

plugged::~plugged() {
  run([this] {
    link.reset();
    output.clear();
  });
}

void plugged::run(const std::function<void()>& job) {
  around_.run_on(home_, job);
}

void plugged::start(std::string unread) {
  run([&] { link->start(std::move(unread)); });
}

void plugged::write(std::string_view bytes) {
  run([&] {
    output.tail().append(bytes);
    link->flush_soon();
  });
}

std::string plugged::received(std::size_t size) {
  static_cast<void>(
    around_.eventually_on(home_, [=, this] { return input.size() >= size; }));
  std::string result;
  run([&] { result = input; });
  return result;
}

void plugged::on_bytes(mqtt::bytes_view& buffer) {
  if (input_hook)
    return input_hook(buffer);
  input += buffer;
  buffer = {};
}

void plugged::on_closed() {
  // The log first: the hook may end this object.
  events.add("closed");
  if (closed_hook)
    closed_hook();
}

void plugged::on_flushed() {
  events.add("flushed");
  if (flushed_hook)
    flushed_hook();
}

} // namespace hetzel::test
