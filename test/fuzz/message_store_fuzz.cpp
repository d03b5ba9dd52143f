#include "persistence/messages/record_key.hpp"
#include "persistence/messages/record_value.hpp"
#include "protocol/assert.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// A letter that says which record of the message store it is, and the bytes
/// of its value or key as a disk may give them. What is taken has but one
/// encoding, and keeps within its bounds.

using namespace hetzel::persistence;

namespace {

template <class T>
void try_value(std::string_view bytes,
               expected<T, errc> (*decode)(std::string_view)) {
  const auto what = decode(bytes);
  if (!what)
    return;
  std::string again;
  encode(again, *what);
  HETZEL_ASSERT(again == bytes);
}

void try_entry(std::string_view bytes) {
  const auto entry = decode_entry(bytes);
  if (!entry)
    return;
  const auto& what = entry->what;
  HETZEL_ASSERT(what.header.size() + what.body.size() < bytes.size());
  HETZEL_ASSERT(!what.is_reference() || what.body.empty());
  HETZEL_ASSERT(what.bytes() >= what.header.size());
  std::string again;
  encode(again, *entry);
  HETZEL_ASSERT(again == bytes);
}

void try_session(std::string_view bytes) {
  const auto session = decode_session(bytes);
  if (!session)
    return;
  std::string again;
  encode_session(again, session->image, session->expires);
  HETZEL_ASSERT(again == bytes);
}

void try_number(std::string_view bytes) {
  const auto number = decode_number(bytes);
  if (!number)
    return;
  std::string again;
  encode_number(again, *number);
  HETZEL_ASSERT(again == bytes);
}

void try_body(std::string_view bytes) {
  const auto body = decode_body(bytes);
  HETZEL_ASSERT(!body || body->size() + 1 == bytes.size());
}

/// A key is of one kind at most, and comes back from what it was parsed to.
void try_key(std::string_view bytes) {
  int kinds = 0;
  const auto check = [&](std::string_view again) {
    HETZEL_ASSERT(again == bytes);
    ++kinds;
  };
  if (const auto key = parse_body_key(bytes))
    check(record_key(*key));
  if (const auto key = parse_entry_key(bytes))
    check(record_key(*key));
  if (const auto key = parse_entry_deadline_key(bytes))
    check(record_key(key->when, key->entry));
  if (const auto key = parse_session_deadline_key(bytes))
    check(record_key(key->when, key->queue));
  if (const auto key = parse_catalogue_key(bytes))
    check(catalogue_key(*key));
  for (const auto kind : {record_kind::garbage, record_kind::ledger,
                          record_kind::name, record_kind::session})
    if (const auto key = parse_queue_key(kind, bytes))
      check(record_key(kind, *key));
  HETZEL_ASSERT(kinds <= 1);
}

void try_record(char kind, std::string_view bytes) {
  switch (kind) {
    case '!':
      try_value(bytes, decode_message_layout);
      break;
    case '$':
      try_value(bytes, decode_totals);
      break;
    case 'b':
      try_body(bytes);
      break;
    case 'e':
      try_entry(bytes);
      break;
    case 'l':
      try_value(bytes, decode_ledger);
      break;
    case 'q':
      try_value(bytes, decode_name);
      break;
    case 's':
      try_session(bytes);
      break;
    case '#':
      try_number(bytes);
      break;
    default:
      try_key(bytes);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (!text.empty())
    try_record(text[0], text.substr(1));
  return 0;
}
