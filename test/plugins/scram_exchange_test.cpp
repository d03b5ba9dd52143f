#include "plugins/scram/scram_exchange.hpp"

#include "plugins/crypto/base64.hpp"

#include <doctest/doctest.h>

#include <string>

namespace scram_exchange_test {

using namespace hetzel;
using namespace hetzel::plugins;
using mqtt::reason_code;

namespace {

/// RFC 7677, 3: the user "user" with the password "pencil"; the same for
/// SHA-512, computed with Python's hashlib.
const std::string users
  = "user:SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
    "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=\n"
    "user:SCRAM-SHA-512$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
    "6AAub3065EYRmyFpM2RNwqK+eGnrkYuEWbXn19LsEmBqzu8QaCXNc1FwpnX9NhH2hK/60dzj"
    "9DoO5DvVkOHbvg==:"
    "jZHbYjC1aHh0/hKbxyBuGFjDrgjgKTT1esA7awWiKcRZ0o/0b1yWEebBeSVkkCFewf91nLDf"
    "KF24mvD5nmE6rA==\n";

const std::string server_nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const std::string client_first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
const std::string server_first
  = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
const std::string client_final
  = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
const std::string server_final
  = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

scram_users_ptr some_users(const std::string& text = users) {
  auto table = scram_table::parse(text);
  REQUIRE(table);
  return std::make_shared<const scram_users>(
    scram_users{std::move(*table), "stand in"});
}

scram_exchange exchange(scram_mechanism mechanism = scram_mechanism::sha256,
                        const std::string& text = users) {
  return {mechanism, some_users(text), server_nonce};
}

/// A client that knows `password`, or guesses it.
std::string final_of(const std::string& first, const std::string& challenge,
                     mqtt::bytes_view password) {
  mqtt::bytes_view rest = challenge;
  const std::string nonce{take_until(rest, ',')->substr(2)};
  const auto salt = decode_base64(take_until(rest, ',')->substr(2));
  const auto rounds = parse_number(rest.substr(2));
  const auto salted = pbkdf2_of(digest::sha256, password,
                                {*salt, static_cast<unsigned>(*rounds)}, 32);
  auto key = hmac_of(digest::sha256, salted, "Client Key");
  const auto last = "c=biws,r=" + nonce;
  const auto signature
    = hmac_of(digest::sha256, hash_of(digest::sha256, key),
              first.substr(3) + "," + challenge + "," + last);
  for (std::size_t i = 0; i < key.size(); ++i)
    key[i] = static_cast<char>(key[i] ^ signature[i]);
  return last + ",p=" + encode_base64(key);
}

reason_code code_of(const std::string& first) {
  return exchange().on_data(first).code;
}

} // namespace

TEST_CASE("the exchange of RFC 7677, 3 succeeds with the same bytes") {
  auto server = exchange();
  const auto challenge = server.on_data(client_first);
  CHECK(challenge.code == reason_code::continue_authentication);
  CHECK(challenge.data == server_first);
  const auto end = server.on_data(client_final);
  CHECK(end.code == reason_code::success);
  CHECK(end.data == server_final);
  CHECK(server.user() == "user");
}

TEST_CASE("SCRAM-SHA-512 works alike") {
  auto server = exchange(scram_mechanism::sha512);
  CHECK(server.on_data(client_first).data == server_first);
  const auto end = server.on_data(
    client_final.substr(0, client_final.rfind(",p="))
    + ",p=gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw+3R2xNJdMNnzMlTN8PPC6wd"
      "p6dybEmDYXYTxwnYPJQ==");
  CHECK(end.code == reason_code::success);
  CHECK(end.data
        == "v=ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDanekLtifDSeVGT4"
           "+5ZxXnJq199RVG2rR7N7Zw==");
}

TEST_CASE("a client that sends no data with CONNECT is asked for them once") {
  auto server = exchange();
  const auto asked = server.on_data("");
  CHECK(asked.code == reason_code::continue_authentication);
  CHECK(asked.data.empty());
  CHECK(server.on_data(client_first).data == server_first);
  auto mute = exchange();
  CHECK(mute.on_data("").code == reason_code::continue_authentication);
  CHECK(mute.on_data("").code == reason_code::protocol_error);
}

TEST_CASE("a wrong password is refused after the proof") {
  auto server = exchange();
  const auto challenge = server.on_data(client_first).data;
  const auto end = server.on_data(final_of(client_first, challenge, "pen"));
  CHECK(end.code == reason_code::not_authorized);
  CHECK(end.data.empty());
}

TEST_CASE("an unknown user meets what a known one with a wrong password does") {
  const std::string first = "n,,n=nobody,r=rOprNGfwEbeRWgbNEkqO";
  auto server = exchange();
  const auto challenge = server.on_data(first);
  CHECK(challenge.code == reason_code::continue_authentication);
  CHECK(challenge.data.size() == server_first.size());
  CHECK(challenge.data.ends_with(",i=4096"));
  CHECK(exchange().on_data(first).data == challenge.data);
  CHECK(server.on_data(final_of(first, challenge.data, "pencil")).code
        == reason_code::not_authorized);
  auto without_any = exchange(scram_mechanism::sha256, "");
  CHECK(without_any.on_data(first).code
        == reason_code::continue_authentication);
}

TEST_CASE("a name with ',' and '=' is read back from its escapes") {
  auto server = exchange();
  CHECK(server.on_data("n,,n=a=2Cb=3Dc,r=x").code
        == reason_code::continue_authentication);
  CHECK(server.user() == "a,b=c");
}

TEST_CASE("who wants to act as somebody else is refused") {
  CHECK(code_of("n,a=admin,n=user,r=x") == reason_code::not_authorized);
  CHECK(code_of("n,a=user,n=user,r=x")
        == reason_code::continue_authentication);
}

TEST_CASE("a first message that is none is a protocol error") {
  for (const std::string first :
       {"x", "n,,", "n,n=user,r=x", "p=tls-unique,,n=user,r=x", "n,,n=user",
        "n,,n=user,r=", "n,,r=x,n=user", "n,,m=ext,n=user,r=x", "n,,n=,r=x",
        "n,,n=a=2cb,r=x", "n,,n=a=,r=x", "n,,n=user,r=a b", "n,a=,n=user,r=x",
        "n,a=user", "n", "y,"}) {
    CAPTURE(first);
    CHECK(code_of(first) == reason_code::protocol_error);
  }
  CHECK(code_of("n,,n=user,r=" + std::string(5'000, 'x'))
        == reason_code::protocol_error);
}

TEST_CASE("a final message must belong to this exchange") {
  const auto refused = [](const std::string& last) {
    auto server = exchange();
    REQUIRE(server.on_data(client_first).data == server_first);
    const auto code = server.on_data(last).code;
    CHECK(server.on_data(client_final).code == reason_code::protocol_error);
    return code != reason_code::success;
  };
  const auto proof = client_final.substr(client_final.rfind(",p="));
  CHECK(refused(""));
  CHECK(refused("c=biws,r=other" + proof));
  CHECK(refused("c=eSws,r=rOprNGfwEbeRWgbNEkqO" + server_nonce + proof));
  CHECK(refused("c=biws,r=rOprNGfwEbeRWgbNEkqO" + proof));
  CHECK(refused(client_final.substr(0, client_final.size() - 1)));
  CHECK(refused(client_final.substr(0, client_final.rfind(",p="))));
  CHECK(refused(client_final + ",p="));
  CHECK(refused(client_final.substr(0, client_final.rfind(",p=")) + ",p="));
}

TEST_CASE("a client that could bind the channel, and was not asked, goes on") {
  auto server = exchange();
  const std::string first = "y,,n=user,r=rOprNGfwEbeRWgbNEkqO";
  CHECK(server.on_data(first).data == server_first);
  // The proof is over "c=eSws", which the client computes from its header.
  CHECK(server.on_data(client_final).code == reason_code::not_authorized);
}

TEST_CASE("nonces are printable and differ") {
  const auto one = make_scram_nonce();
  CHECK(one.size() == 24);
  CHECK(one.find(',') == std::string::npos);
  CHECK(one != make_scram_nonce());
}

} // namespace scram_exchange_test
