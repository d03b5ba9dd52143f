#include "plugins/passwd/passwd_plugin.hpp"

#include "plugins/files/text_file.hpp"
#include "plugins/passwd/password_check.hpp"
#include "plugins/passwd/password_verifier.hpp"
#include "test/support/recording_port.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>

#include <string>
#include <vector>

namespace passwd_plugin_test {

using namespace std::chrono_literals;
using namespace hetzel;
using namespace hetzel::plugins;
using mqtt::reason_code;

namespace {

/// Of "secret".
const std::string quick
  = "$6$MDEyMzQ1Njc4OWFi$qEXipeLbgxRlwd06QHfY5WITkUZg0jLg9SZbXzq3ifXjfj+v3GbJG"
    "rSfC5PAg3UNCS+UFfbhUIZX4bmIAs330w==";
const std::string slow
  = "$7$101$MDEyMzQ1Njc4OWFi$EO/lLlkeUgIiBaS8G8UK0ZMP1u508TA7Tl+AdJ1cEsmlbGyEP"
    "AERErpfq84j1kepISs0UzmcdL4ucgZ2uodxfQ==";
/// So slow that it does not end before the test does something else.
const std::string slower = "$7$1000000" + slow.substr(6);

register_request request(mqtt::bytes_view user, mqtt::bytes_view password) {
  register_request asked;
  asked.client.user_name = user;
  asked.password = password;
  return asked;
}

struct fixture {
  test::temporary_directory folder;
  std::string path = folder.path("passwd");
  guard_counters counters;
  test::recording_port port;
  std::unique_ptr<file_backed> file = make_passwd_file({.file = path},
                                                       counters);

  mqtt::expected<void, std::string> load(const std::string& text) {
    REQUIRE(replace_text_file(path, text));
    return file->load(port);
  }

  [[nodiscard]] register_verdict ask(mqtt::bytes_view user,
                                     mqtt::bytes_view password) const {
    return port.evaluator()->auth_on_register(request(user, password));
  }
};

/// A verifier and somebody who asks it.
struct verifier_fixture {
  explicit verifier_fixture(passwd_config config = {}) {
    auto parsed = password_table::parse("bob:" + slow + "\nann:" + quick
                                        + "\neve:" + slower + "\n");
    REQUIRE(parsed);
    book->replace(
      std::make_shared<const password_table>(std::move(*parsed)));
    verifier = spawn_password_verifier(
      port.system(), book, {.config = config, .counters = &counters});
  }

  ~verifier_fixture() {
    self->send_exit(verifier, caf::exit_reason::kill);
    self->wait_for(verifier);
  }

  verifier_fixture(const verifier_fixture&) = delete;
  verifier_fixture& operator=(const verifier_fixture&) = delete;

  static hook_call_ptr call(mqtt::bytes_view user, mqtt::bytes_view password) {
    return std::make_shared<const hook_call>(hook::auth_on_register,
                                             request(user, password));
  }

  register_verdict ask(mqtt::bytes_view user, mqtt::bytes_view password) {
    register_verdict said;
    self->request(verifier, 30s, call(user, password))
      .receive(
        [&](const hook_answer_ptr& answer) {
          said = std::get<register_verdict>(answer->said);
        },
        [](const caf::error& why) { FAIL(to_string(why)); });
    return said;
  }

  test::recording_port port;
  guard_counters counters;
  std::shared_ptr<password_book> book = std::make_shared<password_book>();
  hook_actor verifier;
  caf::scoped_actor self{port.system()};
};

} // namespace

TEST_CASE("a file with cheap hashes is answered in place") {
  fixture on;
  REQUIRE(on.load("bob:" + quick + "\n"));
  REQUIRE(on.port.evaluator());
  CHECK(on.ask("bob", "secret").result == outcome::ok);
  CHECK(on.ask("ann", "secret").result == outcome::next);
  const auto wrong = on.ask("bob", "guess");
  CHECK(wrong.result == outcome::error);
  CHECK(wrong.code == reason_code::bad_user_name_or_password);
  CHECK(on.counters.value(guard_fact::passwd_wrong) == 1);
}

TEST_CASE("a file with a slow hash is answered by an actor") {
  fixture on;
  REQUIRE(on.load("bob:" + quick + "\nann:" + slow + "\n"));
  REQUIRE(on.port.offer());
  CHECK(on.file->companions().size() == 1);
  REQUIRE(on.load("bob:" + quick + "\n"));
  CHECK(on.port.evaluator());
  caf::scoped_actor self{on.port.system()};
  self->send_exit(caf::actor_cast<caf::actor>(on.file->companions()[0]),
                  caf::exit_reason::kill);
}

TEST_CASE("a broken password file leaves the users in force") {
  fixture on;
  REQUIRE(on.load("bob:" + quick + "\n"));
  const auto broken = on.load("bob:" + quick + "\nann:hunter2\n");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().starts_with(on.path + ":2: "));
  CHECK(broken.error().find("hunter2") == std::string::npos);
  CHECK(on.ask("bob", "secret").result == outcome::ok);
}

TEST_CASE("slow hashes are verified by workers, and known for a while") {
  verifier_fixture on;
  CHECK(on.ask("bob", "secret").result == outcome::ok);
  CHECK(on.ask("bob", "secret").result == outcome::ok);
  CHECK(on.counters.value(guard_fact::passwd_hashed) == 1);
  CHECK(on.counters.value(guard_fact::passwd_cached) == 1);
  const auto wrong = on.ask("bob", "guess");
  CHECK(wrong.result == outcome::error);
  CHECK(wrong.code == reason_code::bad_user_name_or_password);
  CHECK(on.ask("ann", "secret").result == outcome::ok);
  CHECK(on.ask("nobody", "secret").result == outcome::next);
  CHECK(on.counters.value(guard_fact::passwd_hashed) == 2);
}

TEST_CASE("when too many wait for a hash the next ones are refused") {
  verifier_fixture on{{.hash_workers = 1, .hash_waiting_max = 1}};
  // One at work, one that waits.
  for (auto i = 0; i < 2; ++i)
    on.self->send(on.verifier, verifier_fixture::call("eve", "x"));
  const auto said = on.ask("eve", "y");
  CHECK(said.result == outcome::error);
  CHECK(said.code == reason_code::server_busy);
  CHECK(on.counters.value(guard_fact::passwd_queue_full) == 1);
  CHECK(on.ask("ann", "secret").result == outcome::ok);
}

} // namespace passwd_plugin_test
