#include "plugins/files/file_plugin.hpp"

#include "plugins/files/plugin_file.hpp"
#include "plugins/files/text_file.hpp"
#include "test/support/node_probe.hpp"
#include "test/support/recording_port.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>

#include <filesystem>
#include <string>

namespace file_plugin_test {

using namespace std::chrono_literals;
using namespace hetzel;
using namespace hetzel::plugins;

namespace {

/// A plugin whose file must say "good".
class word_file final : public file_backed {
public:
  explicit word_file(std::filesystem::path path)
    : file_("word", std::move(path)) {}

  std::vector<std::filesystem::path> files() const override {
    return {file_.path()};
  }
  mqtt::expected<void, std::string> load(plugin_port& port) override {
    const auto text = file_.read();
    if (!text || *text != "good")
      return mqtt::unexpected(file_.sentence({1, "not good"}));
    port.publish(evaluator_ptr{});
    return {};
  }
  runtime::state_entries snapshot() const override { return {}; }

private:
  plugin_file file_;
};

struct fixture {
  test::temporary_directory folder;
  std::string path = folder.path("word");
  guard_counters counters;
  reload_bell bell;
  std::shared_ptr<test::recording_port> port
    = std::make_shared<test::recording_port>();
  caf::scoped_actor self{port->system()};
  std::optional<file_plugin> plugin;

  ~fixture() {
    self->send_exit(*plugin, caf::exit_reason::kill);
    self->wait_for(*plugin);
  }

  void start(mqtt::bytes_view text, std::chrono::seconds interval = 0s) {
    write(text);
    plugin = spawn_file_plugin(port, std::make_unique<word_file>(path),
                               {.name = "word",
                                .reload_interval = interval,
                                .counters = &counters,
                                .bell = &bell});
    self->request(*plugin, 20s, runtime::started_atom_v)
      .receive([] {}, [](const caf::error& why) { FAIL(to_string(why)); });
  }

  void write(mqtt::bytes_view text) {
    REQUIRE(replace_text_file(path, text));
  }

  /// "" or what is wrong.
  std::string reload() {
    std::string fault;
    self->request(*plugin, 20s, reload_atom_v)
      .receive([] {}, [&](const caf::error& why) { fault = to_string(why); });
    return fault;
  }

  template <class Condition>
  static bool eventually(Condition condition) {
    return test::node_probe::eventually(condition);
  }
};

} // namespace

TEST_CASE("a file plugin has published when it says that it has started") {
  fixture on;
  on.start("good");
  CHECK(on.port->count() == 1);
  CHECK(on.counters.value(guard_fact::file_loaded) == 1);
}

TEST_CASE("a file is read again when somebody says so, and faults are told") {
  fixture on;
  on.start("good");
  CHECK(on.reload().empty());
  CHECK(on.port->count() == 2);
  on.write("bad");
  CHECK(on.reload().find(on.path + ":1: not good") != std::string::npos);
  CHECK(on.port->count() == 2);
  CHECK(on.counters.value(guard_fact::file_failed) == 1);
}

TEST_CASE("the bell makes all file plugins read their files") {
  fixture on;
  on.start("good");
  on.bell.ring();
  CHECK(fixture::eventually([&] { return on.port->count() == 2; }));
}

TEST_CASE("a file that changes is read by itself") {
  fixture on;
  on.start("bad", 1s);
  CHECK(on.port->count() == 0);
  on.write("good");
  CHECK(fixture::eventually([&] { return on.port->count() == 1; }));
}

} // namespace file_plugin_test
