#include "persistence/messages/message_batch.hpp"

#include "persistence/invariant.hpp"

namespace hetzel::persistence {

namespace {

using kind = operation::what;

/// What an operation takes besides its value: key, checksum, this list.
constexpr std::size_t overhead_bytes = 64;

operation of_queue(kind what, queue_id queue) {
  operation out;
  out.kind = what;
  out.entry.queue = queue;
  return out;
}

operation of_entry(kind what, queue_id queue, const entry_stub& entry) {
  auto out = of_queue(what, queue);
  out.entry.at = entry.at;
  out.entry_bytes = entry.bytes;
  out.body = entry.body;
  out.expires = entry.expires;
  return out;
}

} // namespace

// -- bodies -------------------------------------------------------------------

body_reference message_batch::put_body(body_id id, std::string_view bytes,
                                       std::uint32_t references) {
  operation what;
  what.kind = kind::put_body;
  what.body = id;
  what.references = static_cast<std::int32_t>(references);
  what.offset = bytes_.size();
  encode_body(bytes_, bytes);
  what.size = static_cast<std::uint32_t>(bytes_.size() - what.offset);
  push(what);
  return reference_to(id, bytes);
}

void message_batch::change_references(const reference_change& change) {
  operation what;
  what.kind = kind::change_references;
  what.body = change.body;
  what.references = change.change;
  what.was_found = change.was_found;
  push(what);
}

void message_batch::erase_orphan(body_id id) {
  operation what;
  what.kind = kind::erase_orphan;
  what.body = id;
  push(what);
}

// -- queues -------------------------------------------------------------------

void message_batch::create_queue(queue_id id, const queue_name& name) {
  std::string value;
  encode(value, name);
  add(of_queue(kind::create_queue, id), value);
}

void message_batch::erase_queue(queue_id id, const queue_name& name,
                                deadline expires) {
  std::string value;
  encode(value, name);
  auto what = of_queue(kind::erase_queue, id);
  what.expires = expires;
  add(what, value);
}

void message_batch::put_session(queue_id id, std::string_view image,
                                deadline expires, deadline before) {
  std::string value;
  encode_session(value, image, expires);
  auto what = of_queue(kind::put_session, id);
  what.expires = expires;
  what.before = before;
  add(what, value);
}

void message_batch::sweep_below(queue_id queue, sequence behind) {
  auto what = of_queue(kind::sweep_below, queue);
  what.entry.at = behind;
  push(what);
}

void message_batch::finish_sweep(queue_id queue) {
  push(of_queue(kind::finish_sweep, queue));
}

void message_batch::forget_deadline(const entry_expiry& expired) {
  auto what = of_queue(kind::forget_entry_deadline, expired.entry.queue);
  what.entry = expired.entry;
  what.expires = expired.when;
  push(what);
}

void message_batch::forget_deadline(const session_expiry& expired) {
  auto what = of_queue(kind::forget_session_deadline, expired.queue);
  what.expires = expired.when;
  push(what);
}

// -- entries ------------------------------------------------------------------

void message_batch::put_entry(const entry_key& key,
                              const stored_entry& entry) {
  operation what;
  what.kind = kind::put_entry;
  what.entry = key;
  what.entry_bytes = entry.what.bytes();
  what.body = entry.what.reference.id;
  what.expires = entry.what.expires;
  what.offset = bytes_.size();
  encode(bytes_, entry);
  what.size = static_cast<std::uint32_t>(bytes_.size() - what.offset);
  push(what);
}

void message_batch::erase_entry(queue_id queue, const entry_stub& entry) {
  add(of_entry(kind::erase_entry, queue, entry), {});
}

void message_batch::sweep_entry(queue_id queue, const entry_stub& entry) {
  push(of_entry(kind::sweep_entry, queue, entry));
}

void message_batch::put_ledger(queue_id queue, const queue_ledger& ledger) {
  auto& known = latest_[number(queue)];
  if (known.ledger != none) {
    ledgers_[operations_[known.ledger].offset] = ledger;
    return;
  }
  known.ledger = static_cast<std::uint32_t>(operations_.size());
  auto what = of_queue(kind::put_ledger, queue);
  what.offset = ledgers_.size();
  ledgers_.push_back(ledger);
  push(what);
}

// -- QoS 2 --------------------------------------------------------------------

void message_batch::put_mark(const receive_mark& mark) {
  operation what;
  what.kind = kind::put_mark;
  what.mark = mark;
  push(what);
}

void message_batch::erase_mark(const receive_mark& mark) {
  operation what;
  what.kind = kind::erase_mark;
  what.mark = mark;
  push(what);
}

// -- what comes and goes ------------------------------------------------------

/// Adds an operation with its value, unless it does away with an earlier one.
void message_batch::add(operation what, std::string_view bytes) {
  if (what.kind == kind::erase_entry && take_back(what))
    return;
  if (what.kind == kind::put_session
      && replace_session(latest_[number(what.entry.queue)], what, bytes))
    return;
  what.offset = keep(bytes);
  what.size = static_cast<std::uint32_t>(bytes.size());
  push(what);
}

/// Whether an entry was put here, which is then as if it had never been. One
/// that was tried may be on the disk already, so it has to be erased there.
bool message_batch::take_back(const operation& erase) {
  index_puts();
  const auto found = puts_.find(erase.entry);
  if (found == puts_.end())
    return false;
  auto& put = operations_[found->second];
  if (found->second < tried_)
    put.kind = kind::withdraw_entry;
  else
    remove(put);
  puts_.erase(found);
  return true;
}

/// Takes away an entry that nobody has seen. Its reference was counted.
void message_batch::remove(operation& put) {
  size_bytes_ -= put.size;
  if (put.body != body_id::none) {
    put.kind = kind::drop_reference;
    return;
  }
  put.kind = kind::nothing;
  size_bytes_ -= overhead_bytes;
  --live_;
}

/// One that was tried stays: the disk may know its deadline.
bool message_batch::replace_session(latest& known, operation what,
                                    std::string_view bytes) {
  if (known.session == none || known.session < tried_) {
    known.session = static_cast<std::uint32_t>(operations_.size());
    return false;
  }
  auto& earlier = operations_[known.session];
  what.before = earlier.before;
  what.offset = keep(bytes);
  what.size = static_cast<std::uint32_t>(bytes.size());
  size_bytes_ = size_bytes_ - earlier.size + what.size;
  earlier = what;
  return true;
}

void message_batch::index_puts() {
  for (; indexed_ < operations_.size(); ++indexed_) {
    const auto& what = operations_[indexed_];
    if (what.kind == kind::put_entry)
      puts_.emplace(what.entry, static_cast<std::uint32_t>(indexed_));
  }
}

// -- the batch itself ---------------------------------------------------------

void message_batch::append(const message_batch& later) {
  HETZEL_INVARIANT(later.tried_ == 0 && &later != this);
  for (const auto& what : later.operations_)
    if (what.kind == kind::put_ledger)
      put_ledger(what.entry.queue, later.ledgers_[what.offset]);
    else if (what.kind != kind::nothing)
      add(what, later.bytes_of(what));
}

void message_batch::clear() noexcept {
  HETZEL_INVARIANT(tried_ == 0);
  operations_.clear();
  bytes_.clear();
  ledgers_.clear();
  latest_.clear();
  puts_.clear();
  indexed_ = 0;
  live_ = 0;
  size_bytes_ = 0;
}

void message_batch::push(const operation& what) {
  HETZEL_INVARIANT(operations_.size() < none);
  operations_.push_back(what);
  ++live_;
  size_bytes_ += overhead_bytes + what.size;
}

std::uint64_t message_batch::keep(std::string_view bytes) {
  const auto offset = bytes_.size();
  bytes_ += bytes;
  return offset;
}

std::string_view message_batch::bytes_of(const operation& what) const {
  if (what.size == 0)
    return {};
  return std::string_view(bytes_).substr(what.offset, what.size);
}

void message_batch::mark_tried(std::uint64_t serial) noexcept {
  tried_ = operations_.size();
  serial_ = serial;
}

void message_batch::mark_written() noexcept {
  tried_ = 0;
  serial_ = 0;
  clear();
}

} // namespace hetzel::persistence
