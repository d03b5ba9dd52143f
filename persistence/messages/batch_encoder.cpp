#include "persistence/messages/batch_encoder.hpp"

#include "persistence/invariant.hpp"

#include <algorithm>

namespace hetzel::persistence {

namespace {

using kind = operation::what;

void lower(std::uint64_t& total, std::uint64_t by = 1) {
  total -= std::min(total, by);
}

} // namespace

batch_encoder::batch_encoder(const message_batch& batch, body_counts& counts,
                             unsigned shard, const shard_state& before)
  : batch_(batch),
    counts_(counts),
    shard_(shard),
    before_(before),
    after_(before),
    touched_(batch.ledgers_.size()) {
  counts_.begin();
  for (const auto& what : batch_.operations_)
    stage(what);
}

// -- first: what the batch means as a whole -----------------------------------

void batch_encoder::stage(const operation& what) {
  switch (what.kind) {
    case kind::put_body:
      HETZEL_INVARIANT(shard_of(what.body) == shard_);
      use_number(ordinal(what.body));
      counts_.stage_body(what.body, what.references);
      break;
    case kind::change_references:
      HETZEL_INVARIANT(shard_of(what.body) == shard_);
      counts_.stage({what.body, what.references, what.was_found});
      break;
    case kind::create_queue:
      use_number(number(what.entry.queue));
      break;
    case kind::put_entry:
    case kind::sweep_below:
      touch(what.entry.queue);
      break;
    case kind::erase_entry:
      touch(what.entry.queue);
      release(what, what.entry < after_.marked);
      break;
    case kind::sweep_entry:
      release(what, what.entry < after_.marked);
      break;
    case kind::withdraw_entry:
      touch(what.entry.queue);
      release(what, false);
      break;
    case kind::drop_reference:
      release(what, false);
      break;
    case kind::nothing:
    case kind::erase_queue:
    case kind::put_session:
    case kind::put_ledger:
    case kind::finish_sweep:
    case kind::erase_orphan:
    case kind::forget_entry_deadline:
    case kind::forget_session_deadline:
    case kind::put_mark:
    case kind::erase_mark:
      break;
  }
}

void batch_encoder::release(const operation& what, bool was_found) {
  if (what.body == body_id::none)
    return;
  const reference_change change{what.body, -1, was_found};
  if (shard_of(what.body) == shard_)
    counts_.stage(change);
  else
    changes_.push_back(change);
}

void batch_encoder::touch(queue_id queue) {
  if (touched_.empty())
    return;
  const auto found = batch_.latest_.find(number(queue));
  if (found != batch_.latest_.end()
      && found->second.ledger != message_batch::none)
    touched_[batch_.operations_[found->second.ledger].offset] = true;
}

void batch_encoder::use_number(std::uint64_t number) {
  if (number + numbers_set_aside / 2 < after_.given_out)
    return;
  after_.given_out = number + numbers_set_aside;
  must_sync_ = true;
}

// -- then: the records --------------------------------------------------------

void batch_encoder::encode(write_batch& out) {
  out_ = &out;
  const auto& all = batch_.operations_;
  for (std::size_t at = 0; at < all.size(); ++at)
    write(all[at], at < batch_.tried_);
  write_gone_bodies();
  write_shard_state();
}

void batch_encoder::write(const operation& what, bool was_tried) {
  switch (what.kind) {
    case kind::put_body:
      write_body(what, was_tried);
      break;
    case kind::create_queue:
      write_queue(what);
      break;
    case kind::erase_queue:
      erase_queue(what);
      break;
    case kind::put_session:
      write_session(what);
      break;
    case kind::put_entry:
      put_entry(what);
      break;
    case kind::erase_entry:
    case kind::sweep_entry:
      erase_entry(what, true);
      break;
    case kind::withdraw_entry:
      erase_entry(what, false);
      break;
    case kind::put_ledger:
      write_ledger(what);
      break;
    case kind::sweep_below:
      garbage_ = true;
      put_number(record_key(record_kind::garbage, what.entry.queue),
                 number(what.entry.at));
      break;
    case kind::finish_sweep:
      out_->erase(record_key(record_kind::garbage, what.entry.queue));
      break;
    case kind::erase_orphan:
      out_->erase(record_key(what.body));
      lower(after_.totals.bodies);
      break;
    case kind::forget_entry_deadline:
      out_->erase(record_key(what.expires, what.entry));
      break;
    case kind::forget_session_deadline:
      out_->erase(record_key(what.expires, what.entry.queue));
      break;
    case kind::put_mark:
      put(record_key(what.mark), {});
      break;
    case kind::erase_mark:
      out_->erase(record_key(what.mark));
      break;
    case kind::nothing:
    case kind::change_references:
    case kind::drop_reference:
      break;
  }
}

/// A body that nothing refers to by now was never needed; one that was tried
/// may be there.
void batch_encoder::write_body(const operation& what, bool was_tried) {
  const record_key key(what.body);
  if (!counts_.is_gone(what.body)) {
    put(key, batch_.bytes_of(what));
    ++after_.totals.bodies;
  } else if (was_tried) {
    out_->erase(key);
  }
}

void batch_encoder::write_queue(const operation& what) {
  const auto bytes = batch_.bytes_of(what);
  const auto name = decode_name(bytes);
  HETZEL_INVARIANT(name.has_value());
  put(record_key(record_kind::name, what.entry.queue), bytes);
  put_number(catalogue_key(*name), number(what.entry.queue));
  ++after_.totals.queues;
}

void batch_encoder::erase_queue(const operation& what) {
  const auto name = decode_name(batch_.bytes_of(what));
  HETZEL_INVARIANT(name.has_value());
  const auto queue = what.entry.queue;
  out_->erase(catalogue_key(*name));
  for (const auto part :
       {record_kind::name, record_kind::session, record_kind::ledger})
    out_->erase(record_key(part, queue));
  if (what.expires != no_deadline)
    out_->erase(record_key(what.expires, queue));
  put_number(record_key(record_kind::garbage, queue), number(sequence::last));
  lower(after_.totals.queues);
  garbage_ = true;
}

void batch_encoder::write_session(const operation& what) {
  const auto queue = what.entry.queue;
  put(record_key(record_kind::session, queue), batch_.bytes_of(what));
  if (what.before != no_deadline && what.before != what.expires)
    out_->erase(record_key(what.before, queue));
  if (what.expires != no_deadline)
    put(record_key(what.expires, queue), {});
}

void batch_encoder::put_entry(const operation& what) {
  put(record_key(what.entry), batch_.bytes_of(what));
  if (what.expires != no_deadline)
    put(record_key(what.expires, what.entry), {});
  ++after_.totals.entries;
  after_.totals.bytes += what.entry_bytes;
  after_.totals.references += what.body != body_id::none ? 1 : 0;
}

void batch_encoder::erase_entry(const operation& what, bool was_counted) {
  out_->erase(record_key(what.entry));
  if (what.expires != no_deadline)
    out_->erase(record_key(what.expires, what.entry));
  if (!was_counted)
    return;
  lower(after_.totals.entries);
  lower(after_.totals.bytes, what.entry_bytes);
  lower(after_.totals.references, what.body != body_id::none ? 1 : 0);
}

/// Where all entries of a queue came and went within the batch, the disk tells
/// of the queue what it told before, and that is right.
void batch_encoder::write_ledger(const operation& what) {
  if (!touched_[what.offset])
    return;
  value_.clear();
  persistence::encode(value_, batch_.ledgers_[what.offset]);
  put(record_key(record_kind::ledger, what.entry.queue), value_);
}

void batch_encoder::write_gone_bodies() {
  for (const auto body : counts_.find_gone()) {
    out_->erase(record_key(body));
    lower(after_.totals.bodies);
    ++erased_bodies_;
  }
}

/// An earlier attempt may have left other numbers on the disk.
void batch_encoder::write_shard_state() {
  const bool again = batch_.is_owed();
  if (again || after_.given_out != before_.given_out)
    put_number(record_key(record_kind::given_out), after_.given_out);
  if (!again && after_.totals == before_.totals)
    return;
  value_.clear();
  persistence::encode(value_, after_.totals);
  put(record_key(record_kind::totals), value_);
}

void batch_encoder::put_number(std::string_view key, std::uint64_t value) {
  value_.clear();
  encode_number(value_, value);
  put(key, value_);
}

} // namespace hetzel::persistence
