#include "persistence/messages/record_key.hpp"
#include "persistence/messages/record_value.hpp"

#include "persistence/messages/field_reader.hpp"
#include "test/support/hex.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace message_record_test {

using namespace hetzel::persistence;
using hetzel::test::to_hex;

namespace {

constexpr queue_id queue{0x0102};
constexpr sequence at{0x0304};

deadline at_ms(std::int64_t count) {
  return deadline(std::chrono::milliseconds(count));
}

template <class T>
std::string encoded(const T& what) {
  std::string out;
  encode(out, what);
  return out;
}

std::string hex_of(std::string_view bytes) {
  auto text = to_hex(bytes);
  std::erase(text, ' ');
  for (auto& digit : text)
    digit = digit >= 'A' ? static_cast<char>(digit - 'A' + 'a') : digit;
  return text;
}

stored_entry inline_entry() {
  return {{"hd", "body", {}, at_ms(0x0506)}, 3, 300};
}

stored_entry reference_entry() {
  return {{"hd", {}, {body_id{0x0708}, 0xa1b2c3d4, 300}, no_deadline}, 3, 300};
}

/// Every prefix of a value that is not the whole is refused.
template <class T>
void check_prefixes(const std::string& value,
                    expected<T, errc> (*decode)(std::string_view)) {
  REQUIRE(decode(value).has_value());
  for (std::size_t size = 0; size < value.size(); ++size) {
    const auto cut = decode(std::string_view(value).substr(0, size));
    REQUIRE_FALSE(cut.has_value());
    CHECK(cut.error() == errc::corrupt);
  }
  const auto longer = decode(value + '\0');
  CHECK_FALSE(longer.has_value());
}

} // namespace

TEST_CASE("keys have exactly these bytes") {
  CHECK(hex_of(record_key(record_kind::layout)) == "21");
  CHECK(hex_of(record_key(body_id{0x0708})) == "620000000000000708");
  CHECK(hex_of(record_key(entry_key{queue, at}))
        == "6500000000000001020000000000000304");
  CHECK(hex_of(record_key(at_ms(0x0506), entry_key{queue, at}))
        == "64000000000000050600000000000001020000000000000304");
  CHECK(hex_of(record_key(at_ms(0x0506), queue))
        == "7800000000000005060000000000000102");
  CHECK(hex_of(record_key(record_kind::ledger, queue))
        == "6c0000000000000102");
  CHECK(hex_of(catalogue_key({"mp", "client"})) == "6300026d70636c69656e74");
}

TEST_CASE("a key gives back the numbers that it was made of") {
  CHECK(parse_body_key(record_key(body_id{7})).value() == body_id{7});
  CHECK(parse_entry_key(record_key(entry_key{queue, at})).value()
        == entry_key{queue, at});
  CHECK(parse_queue_key(record_kind::garbage,
                        record_key(record_kind::garbage, queue))
          .value()
        == queue);
  CHECK(parse_catalogue_key(catalogue_key({"mp", "client"})).value()
        == queue_name{"mp", "client"});
  CHECK(parse_catalogue_key(catalogue_key({"", ""})).value() == queue_name{});
  CHECK(parse_entry_deadline_key(record_key(at_ms(5), entry_key{queue, at}))
          .value()
        == entry_expiry{at_ms(5), {queue, at}});
  CHECK(parse_session_deadline_key(record_key(at_ms(5), queue)).value()
        == session_expiry{at_ms(5), queue});
}

TEST_CASE("a key of another kind or size is refused") {
  const std::string entry(record_key(entry_key{queue, at}).view());
  CHECK_FALSE(parse_body_key(entry).has_value());
  CHECK_FALSE(parse_entry_key(entry + "x").has_value());
  CHECK_FALSE(parse_entry_key(entry.substr(0, 16)).has_value());
  CHECK_FALSE(parse_entry_key("").has_value());
  CHECK_FALSE(parse_queue_key(record_kind::ledger,
                              record_key(record_kind::garbage, queue))
                .has_value());
  CHECK_FALSE(parse_catalogue_key("c").has_value());
  CHECK_FALSE(parse_catalogue_key(std::string("c\0\x02m", 4)).has_value());
  // A deadline that no clock shows.
  auto expiry = std::string(record_key(at_ms(5), queue).view());
  expiry[1] = '\x80';
  CHECK_FALSE(parse_session_deadline_key(expiry).has_value());
}

TEST_CASE("keys are in the order of queue and sequence, of deadlines and of "
          "bodies") {
  CHECK(record_key(entry_key{queue_id{1}, sequence{0x1ff}}).view()
        < record_key(entry_key{queue_id{1}, sequence{0x200}}).view());
  CHECK(record_key(entry_key{queue_id{1}, sequence::last}).view()
        < record_key(entry_key{queue_id{2}, sequence::none}).view());
  CHECK(record_key(at_ms(0xff), queue_id{9}).view()
        < record_key(at_ms(0x100), queue_id{1}).view());
  CHECK(record_key(make_body_id(1, 9)).view()
        < record_key(make_body_id(2, 1)).view());
}

TEST_CASE("values have exactly these bytes") {
  CHECK(hex_of(encoded(message_layout{4, 3})) == "0100000004000300");
  CHECK(hex_of(encoded(message_totals{1, 2, 300, 4, 5})) == "010102ac020405");
  CHECK(hex_of(encoded(queue_ledger{sequence{2}, sequence{300}, 5, 6}))
        == "0102ac020506");
  CHECK(hex_of(encoded(queue_name{"mp", "c"})) == "01026d7063");
  CHECK(hex_of(encoded(inline_entry()))
        == "1203ac020605000000000000026864626f6479");
  CHECK(hex_of(encoded(reference_entry()))
        == "1103ac020268640807000000000000d4c3b2a1ac02");
  std::string session;
  encode_session(session, "img", at_ms(0x0506));
  CHECK(hex_of(session) == "010605000000000000696d67");
  std::string number;
  encode_number(number, 0x0102);
  CHECK(hex_of(number) == "010201000000000000");
  std::string body;
  encode_body(body, "b");
  CHECK(hex_of(body) == "0162");
}

TEST_CASE("a value comes back as it was put") {
  CHECK(decode_message_layout(encoded(message_layout{4, 3})).value()
        == message_layout{4, 3});
  const message_totals totals{1, 2, UINT64_MAX, 4, 5};
  CHECK(decode_totals(encoded(totals)).value() == totals);
  const queue_ledger ledger{sequence{2}, sequence{300}, 5, 6};
  CHECK(decode_ledger(encoded(ledger)).value() == ledger);
  CHECK(decode_name(encoded(queue_name{"mp", ""})).value()
        == queue_name{"mp", ""});
  for (const auto& entry : {inline_entry(), reference_entry(),
                            stored_entry{{"", "", {}, no_deadline}, 0, 0}})
    CHECK(decode_entry(encoded(entry)).value() == entry);
  std::string session;
  encode_session(session, std::string("\0image", 6), no_deadline);
  CHECK(decode_session(session).value()
        == session_record{std::string("\0image", 6), no_deadline});
}

TEST_CASE("every truncated prefix of a value is refused, and bytes behind it") {
  check_prefixes(encoded(message_layout{4, 3}), decode_message_layout);
  check_prefixes(encoded(message_totals{1, 2, 300, 4, 5}), decode_totals);
  check_prefixes(encoded(queue_ledger{sequence{2}, sequence{300}, 5, 6}),
                 decode_ledger);
  check_prefixes(encoded(reference_entry()), decode_entry);
  std::string number;
  encode_number(number, 7);
  check_prefixes(number, decode_number);
}

TEST_CASE("of a value that ends in free bytes every prefix without its fields "
          "is refused") {
  const auto entry = encoded(inline_entry());
  // Flags, count, bytes, deadline, header size and header.
  const std::size_t fields = 1 + 1 + 2 + 8 + 1 + 2;
  for (std::size_t size = 0; size <= entry.size(); ++size)
    CHECK(decode_entry(std::string_view(entry).substr(0, size)).has_value()
          == (size >= fields));
  std::string session;
  encode_session(session, "img", no_deadline);
  for (std::size_t size = 0; size <= session.size(); ++size)
    CHECK(decode_session(std::string_view(session).substr(0, size)).has_value()
          == (size >= 9));
  const auto name = encoded(queue_name{"mp", "c"});
  for (std::size_t size = 0; size <= name.size(); ++size)
    CHECK(decode_name(std::string_view(name).substr(0, size)).has_value()
          == (size >= 4));
  CHECK(decode_body("").error() == errc::corrupt);
}

TEST_CASE("a form of a later version is told from damage") {
  CHECK(decode_totals("\x02").error() == errc::newer_layout);
  CHECK(decode_ledger("\x02").error() == errc::newer_layout);
  CHECK(decode_name("\x02").error() == errc::newer_layout);
  CHECK(decode_session("\x02").error() == errc::newer_layout);
  CHECK(decode_number("\x02").error() == errc::newer_layout);
  CHECK(decode_body("\x02").error() == errc::newer_layout);
  CHECK(decode_entry("\x20").error() == errc::newer_layout);
  const std::string layout("\x02\0\0\0 and more", 13);
  CHECK(decode_message_layout(layout).error() == errc::newer_layout);
  CHECK(decode_message_layout(std::string(8, '\0')).error() == errc::corrupt);
}

TEST_CASE("values that contradict themselves are refused") {
  // A shard that is not one of them.
  CHECK_FALSE(decode_message_layout(encoded(message_layout{4, 4})).has_value());
  // A floor behind the next message, and a message without a number.
  CHECK_FALSE(decode_ledger(
    encoded(queue_ledger{sequence{5}, sequence{4}, 0, 0})).has_value());
  CHECK_FALSE(decode_ledger(
    encoded(queue_ledger{sequence{0}, sequence{4}, 0, 0})).has_value());
  // A deadline that is none, a reference to nothing, bits of no meaning.
  auto entry = encoded(inline_entry());
  entry.replace(4, 8, "\xff\xff\xff\xff\xff\xff\xff\x7f");
  CHECK_FALSE(decode_entry(entry).has_value());
  auto reference = encoded(reference_entry());
  reference.replace(7, 8, std::string(8, '\0'));
  CHECK_FALSE(decode_entry(reference).has_value());
  entry = encoded(inline_entry());
  entry[0] = '\x16';
  CHECK_FALSE(decode_entry(entry).has_value());
}

TEST_CASE("a varint has one form and at most 64 bits") {
  for (const auto value : {std::uint64_t{0}, std::uint64_t{127},
                           std::uint64_t{128}, UINT64_MAX}) {
    std::string bytes;
    append_varint(bytes, value);
    field_reader in(bytes);
    CHECK(in.varint() == value);
    CHECK(in.is_complete());
  }
  for (const auto* bytes : {"\x80", "\x81\x80", "\xff\xff\xff\xff\xff\xff\xff"
                                                "\xff\xff\x02"}) {
    field_reader in(bytes);
    CHECK(in.varint() == 0);
    CHECK_FALSE(in.is_sound());
  }
  field_reader padded(std::string_view("\x81\x00", 2));
  CHECK(padded.varint() == 0);
  CHECK_FALSE(padded.is_sound());
}

TEST_CASE("a shard's bodies get numbers one after the other") {
  body_id_source source(3, 17);
  const auto first = source.next();
  CHECK(shard_of(first) == 3);
  CHECK(ordinal(first) == 17);
  CHECK(source.next() == make_body_id(3, 18));
}

} // namespace message_record_test
