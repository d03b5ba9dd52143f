#include "plugins/scram/scram_plugin.hpp"

#include "plugins/crypto/base64.hpp"
#include "plugins/files/text_file.hpp"
#include "test/support/recording_port.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <string>

namespace scram_plugin_test {

using namespace hetzel;
using namespace hetzel::plugins;
using mqtt::reason_code;

namespace {

/// RFC 7677, 3: the password is "pencil".
const std::string users
  = "user:SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
    "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=\n";

struct fixture {
  fixture() {
    REQUIRE(replace_text_file(path, users));
    REQUIRE(file->load(port));
  }

  test::temporary_directory folder;
  std::string path = folder.path("scram");
  guard_counters counters;
  test::recording_port port;
  std::unique_ptr<file_backed> file
    = make_scram_file({.file = path}, "secret", counters);
  auth_state_ptr state;

  auth_verdict step(mqtt::bytes_view data,
                    mqtt::bytes_view method = "SCRAM-SHA-256") {
    auth_request asked;
    asked.method = method;
    asked.data = data;
    return port.evaluator()->on_auth(asked, state);
  }
};

std::string final_message(const std::string& challenge,
                          mqtt::bytes_view password) {
  const auto nonce = challenge.substr(2, challenge.find(',') - 2);
  const auto salt = *decode_base64("W22ZaJ0SNY7soEsUEjb6gQ==");
  const auto salted = pbkdf2_of(digest::sha256, password, {salt, 4096}, 32);
  auto key = hmac_of(digest::sha256, salted, "Client Key");
  const auto last = "c=biws,r=" + nonce;
  const auto signature = hmac_of(digest::sha256, hash_of(digest::sha256, key),
                                 "n=user,r=abc," + challenge + "," + last);
  for (std::size_t i = 0; i < key.size(); ++i)
    key[i] = static_cast<char>(key[i] ^ signature[i]);
  return last + ",p=" + encode_base64(key);
}

} // namespace

TEST_CASE("the SCRAM plugin runs an exchange and names who passed it") {
  fixture on;
  const auto first = on.step("n,,n=user,r=abc");
  REQUIRE(first.modifiers);
  CHECK(first.modifiers->code == reason_code::continue_authentication);
  CHECK_FALSE(first.modifiers->user_name);
  const auto last = on.step(final_message(first.modifiers->data, "pencil"));
  CHECK(last.result == outcome::ok);
  REQUIRE(last.modifiers);
  CHECK(last.modifiers->code == reason_code::success);
  CHECK(last.modifiers->data.starts_with("v="));
  CHECK(last.modifiers->user_name == "user");
}

TEST_CASE("the SCRAM plugin refuses a wrong password, and counts it") {
  fixture on;
  const auto first = on.step("n,,n=user,r=abc");
  REQUIRE(first.modifiers);
  const auto last = on.step(final_message(first.modifiers->data, "pen"));
  CHECK(last.result == outcome::error);
  CHECK(last.code == reason_code::not_authorized);
  CHECK(on.counters.value(guard_fact::scram_refused) == 1);
}

TEST_CASE("other methods are left to others") {
  fixture on;
  CHECK(on.step("", "JWT").result == outcome::next);
  CHECK(on.step("", "scram-sha-256").result == outcome::next);
}

TEST_CASE("who has passed the exchange is admitted, others are left") {
  const fixture on;
  register_request asked;
  CHECK(on.port.evaluator()->auth_on_register(asked).result == outcome::next);
  asked.auth_method = "SCRAM-SHA-256";
  CHECK(on.port.evaluator()->auth_on_register(asked).result == outcome::ok);
}

TEST_CASE("a broken file of SCRAM users leaves the old ones in force") {
  fixture on;
  REQUIRE(replace_text_file(on.path, users + "eve:SCRAM-SHA-256$1\n"));
  const auto broken = on.file->load(on.port);
  REQUIRE_FALSE(broken);
  CHECK(broken.error().starts_with(on.path + ":2: "));
  CHECK(on.port.count() == 1);
}

} // namespace scram_plugin_test
