#include "persistence/messages/record_value.hpp"

#include "persistence/crc32c.hpp"
#include "persistence/invariant.hpp"
#include "persistence/messages/field_reader.hpp"
#include "persistence/write_batch.hpp"

namespace hetzel::persistence {

namespace {

constexpr char form = 1;

constexpr std::uint8_t entry_form = 0x10;
constexpr std::uint8_t entry_form_mask = 0xf0;
constexpr std::uint8_t by_reference = 1;
constexpr std::uint8_t has_deadline = 2;

std::uint64_t count_of(deadline when) {
  return static_cast<std::uint64_t>(when.time_since_epoch().count());
}

deadline read_deadline(field_reader& in) {
  const auto count = in.u64();
  in.require(count <= static_cast<std::uint64_t>(INT64_MAX));
  return deadline(std::chrono::milliseconds(
    static_cast<std::int64_t>(in.is_sound() ? count : 0)));
}

/// The answer when a value is not what is looked for: a form that a later
/// version may have written, or damage.
template <class T>
expected<T, errc> finish(const field_reader& in, T&& what) {
  if (!in.is_complete())
    return unexpected(errc::corrupt);
  return std::forward<T>(what);
}

errc check_form(std::string_view value) {
  if (value.empty())
    return errc::corrupt;
  return value[0] == form ? errc::none : errc::newer_layout;
}

void encode_reference(std::string& out, const body_reference& what) {
  append_fixed(out, number(what.id));
  append_fixed(out, what.check);
  append_varint(out, what.size);
}

body_reference read_reference(field_reader& in) {
  body_reference out;
  out.id = static_cast<body_id>(in.u64());
  out.check = in.u32();
  const auto size = in.varint();
  in.require(out.id != body_id::none && size <= value_size_max);
  out.size = static_cast<std::uint32_t>(size);
  return out;
}

} // namespace

// -- the store ----------------------------------------------------------------

void encode(std::string& out, const message_layout& what) {
  append_fixed(out, message_layout_version);
  append_fixed(out, what.shards);
  append_fixed(out, what.shard);
}

expected<message_layout, errc> decode_message_layout(std::string_view value) {
  field_reader in(value);
  const auto version = in.u32();
  if (in.is_sound() && version > message_layout_version)
    return unexpected(errc::newer_layout);
  message_layout out;
  out.shards = in.u16();
  out.shard = in.u16();
  in.require(version == message_layout_version && out.shard < out.shards
             && out.shards <= shard_count_max);
  return finish(in, std::move(out));
}

void encode(std::string& out, const message_totals& what) {
  out += form;
  for (const auto part : {what.queues, what.entries, what.bytes,
                          what.references, what.bodies})
    append_varint(out, part);
}

expected<message_totals, errc> decode_totals(std::string_view value) {
  if (const auto why = check_form(value); why != errc::none)
    return unexpected(why);
  field_reader in(value.substr(1));
  message_totals out;
  for (auto* part : {&out.queues, &out.entries, &out.bytes, &out.references,
                     &out.bodies})
    *part = in.varint();
  return finish(in, std::move(out));
}

void encode_number(std::string& out, std::uint64_t what) {
  out += form;
  append_fixed(out, what);
}

expected<std::uint64_t, errc> decode_number(std::string_view value) {
  if (const auto why = check_form(value); why != errc::none)
    return unexpected(why);
  field_reader in(value.substr(1));
  auto out = in.u64();
  return finish(in, std::move(out));
}

// -- a queue ------------------------------------------------------------------

void encode(std::string& out, const queue_name& what) {
  out += form;
  append_varint(out, what.mountpoint.size());
  out += what.mountpoint;
  out += what.client_id;
}

expected<queue_name, errc> decode_name(std::string_view value) {
  if (const auto why = check_form(value); why != errc::none)
    return unexpected(why);
  field_reader in(value.substr(1));
  const auto mountpoint = in.take(in.varint());
  in.require(mountpoint.size() <= 0xffff);
  const auto client_id = in.rest();
  if (!in.is_complete())
    return unexpected(errc::corrupt);
  return queue_name{std::string(mountpoint), std::string(client_id)};
}

void encode(std::string& out, const queue_ledger& what) {
  out += form;
  for (const auto part : {number(what.floor), number(what.next), what.count,
                          what.bytes})
    append_varint(out, part);
}

expected<queue_ledger, errc> decode_ledger(std::string_view value) {
  if (const auto why = check_form(value); why != errc::none)
    return unexpected(why);
  field_reader in(value.substr(1));
  queue_ledger out;
  out.floor = static_cast<sequence>(in.varint());
  out.next = static_cast<sequence>(in.varint());
  out.count = in.varint();
  out.bytes = in.varint();
  in.require(sequence::none < out.floor && out.floor <= out.next);
  return finish(in, std::move(out));
}

void encode_session(std::string& out, std::string_view image,
                    deadline expires) {
  out += form;
  append_fixed(out, count_of(expires));
  out += image;
}

expected<session_record, errc> decode_session(std::string_view value) {
  if (const auto why = check_form(value); why != errc::none)
    return unexpected(why);
  field_reader in(value.substr(1));
  session_record out;
  out.expires = read_deadline(in);
  const auto image = in.rest();
  if (!in.is_complete())
    return unexpected(errc::corrupt);
  out.image = image;
  return out;
}

// -- a message ----------------------------------------------------------------

body_reference reference_to(body_id id, std::string_view bytes) {
  return {id, crc32c(bytes), static_cast<std::uint32_t>(bytes.size())};
}

void encode_body(std::string& out, std::string_view bytes) {
  out += form;
  out += bytes;
}

expected<std::string_view, errc> decode_body(std::string_view value) {
  if (const auto why = check_form(value); why != errc::none)
    return unexpected(why);
  return value.substr(1);
}

void encode(std::string& out, const stored_entry& entry) {
  const auto& what = entry.what;
  HETZEL_INVARIANT(!what.is_reference() || what.body.empty());
  const bool expires = what.expires != no_deadline;
  out += static_cast<char>(entry_form | (what.is_reference() ? by_reference : 0)
                           | (expires ? has_deadline : 0));
  append_varint(out, entry.count);
  append_varint(out, entry.bytes);
  if (expires)
    append_fixed(out, count_of(what.expires));
  append_varint(out, what.header.size());
  out += what.header;
  if (what.is_reference())
    encode_reference(out, what.reference);
  else
    out += what.body;
}

expected<stored_entry, errc> decode_entry(std::string_view value) {
  field_reader in(value);
  const auto flags = in.u8();
  if (in.is_sound() && (flags & entry_form_mask) != entry_form)
    return unexpected(errc::newer_layout);
  in.require((flags & ~entry_form_mask & ~(by_reference | has_deadline)) == 0);
  stored_entry out;
  out.count = in.varint();
  out.bytes = in.varint();
  if ((flags & has_deadline) != 0) {
    out.what.expires = read_deadline(in);
    in.require(out.what.expires != no_deadline);
  }
  out.what.header = in.take(in.varint());
  if ((flags & by_reference) != 0)
    out.what.reference = read_reference(in);
  else
    out.what.body = in.rest();
  return finish(in, std::move(out));
}

} // namespace hetzel::persistence
