#include "persistence/messages/message_sweep.hpp"

#include "persistence/invariant.hpp"
#include "persistence/messages/message_reader.hpp"
#include "persistence/messages/record_key.hpp"

#include <utility>

namespace hetzel::persistence {

namespace {

/// Behind all entries.
constexpr entry_key all_marked{static_cast<queue_id>(UINT64_MAX),
                               sequence::last};

} // namespace

sweep_report message_sweep::step(std::size_t budget, body_counts& counts,
                                 message_batch& out) {
  HETZEL_INVARIANT(out.empty() && !out.is_owed());
  budget_ = budget;
  report_ = {};
  if (!is_marked() && !marking_fails_)
    mark(counts);
  if ((garbage_waits_ || in_garbage_) && !garbage_fails_ && left() > 0)
    sweep_garbage(out);
  if (counts.is_settled() && !orphans_done_ && !orphans_fail_ && left() > 0)
    sweep_orphans(counts, out);
  report_.marked = is_marked();
  report_.idle = !has_work(counts);
  return report_;
}

/// A shard that is alone is settled as soon as it is marked.
bool message_sweep::has_work(const body_counts& counts) const {
  const bool marks = !is_marked() && !marking_fails_;
  const bool sweeps = (garbage_waits_ || in_garbage_) && !garbage_fails_;
  const bool settles = counts.is_settled()
                       || (place_.shards == 1 && is_marked());
  return marks || sweeps || (settles && !orphans_done_ && !orphans_fail_);
}

std::vector<reference_change> message_sweep::take_found() {
  return std::exchange(found_, {});
}

// -- marking ------------------------------------------------------------------

bool message_sweep::is_marked() const noexcept {
  return marked_ == all_marked;
}

void message_sweep::skip_marking() noexcept {
  marked_ = all_marked;
}

void message_sweep::mark(body_counts& counts) {
  const record_key behind_last(all_marked);
  const auto at = records_.scan(record_key(marked_), behind_last);
  for (; at->valid() && left() > 0; at->next()) {
    ++report_.examined;
    report_.status = mark_entry(*at, counts);
    if (report_.status != errc::none)
      break;
  }
  if (report_.status == errc::none)
    report_.status = at->status();
  marking_fails_ = report_.status == errc::corrupt
                   || report_.status == errc::newer_layout;
  if (report_.status == errc::none && !at->valid())
    marked_ = all_marked;
}

errc message_sweep::mark_entry(const cursor& at, body_counts& counts) {
  const auto key = parse_entry_key(at.key());
  const auto entry = decode_entry(at.value());
  if (!key || !entry)
    return key ? entry.error() : key.error();
  marked_ = {key->queue, behind(key->at)};
  if (!entry->what.is_reference())
    return errc::none;
  const reference_change change{entry->what.reference.id, 1, true};
  if (shard_of(change.body) == place_.shard)
    counts.add_found(change);
  else
    found_.push_back(change);
  return errc::none;
}

// -- garbage ------------------------------------------------------------------

void message_sweep::sweep_garbage(message_batch& out) {
  if (!in_garbage_) {
    in_garbage_ = true;
    garbage_waits_ = false;
    garbage_ = {};
  }
  const record_key first(record_kind::garbage, garbage_.queue);
  const auto at = records_.scan(
    first, behind_prefix(record_key(record_kind::garbage).view()));
  for (; at->valid() && left() > 0; at->next()) {
    const auto queue = parse_queue_key(record_kind::garbage, at->key());
    const auto behind_last = decode_number(at->value());
    if (!queue || !behind_last) {
      report_.status = queue ? behind_last.error() : queue.error();
      garbage_fails_ = true;
      return;
    }
    if (*queue != garbage_.queue)
      garbage_ = {*queue, sequence::none};
    if (!sweep_queue(*queue, static_cast<sequence>(*behind_last), out))
      return;
  }
  if (at->status() != errc::none)
    report_.status = at->status();
  else if (!at->valid())
    in_garbage_ = false;
}

/// Whether all of the queue's garbage was found.
bool message_sweep::sweep_queue(queue_id queue, sequence behind_last,
                                message_batch& out) {
  const record_key to(entry_key{queue, behind_last});
  const auto at = records_.scan(record_key(garbage_), to);
  for (; at->valid() && left() > 0; at->next()) {
    const auto key = parse_entry_key(at->key());
    const auto entry = decode_entry(at->value());
    if (!key || !entry) {
      report_.status = key ? entry.error() : key.error();
      garbage_fails_ = true;
      return false;
    }
    ++report_.examined;
    ++swept_entries_;
    out.sweep_entry(queue, stub_of(key->at, entry->what));
    garbage_.at = behind(key->at);
  }
  if (at->status() != errc::none) {
    report_.status = at->status();
    garbage_fails_ = report_.status == errc::corrupt;
    return false;
  }
  if (at->valid())
    return false;
  // A queue without garbage counts as well, if that is still within the budget.
  report_.examined += left() > 0 ? 1 : 0;
  out.finish_sweep(queue);
  garbage_ = {static_cast<queue_id>(number(queue) + 1), sequence::none};
  return true;
}

// -- orphans ------------------------------------------------------------------

void message_sweep::sweep_orphans(body_counts& counts, message_batch& out) {
  if (orphan_ == body_id::none)
    orphan_ = make_body_id(place_.shard, 0);
  const record_key to(make_body_id(place_.shard, first_new_));
  const auto at = records_.scan(record_key(orphan_), to);
  for (; at->valid() && left() > 0; at->next()) {
    const auto body = parse_body_key(at->key());
    if (!body) {
      report_.status = body.error();
      orphans_fail_ = true;
      return;
    }
    ++report_.examined;
    orphan_ = static_cast<body_id>(number(*body) + 1);
    if (!counts.meet(*body))
      continue;
    ++orphans_;
    out.erase_orphan(*body);
  }
  if (at->status() != errc::none) {
    report_.status = at->status();
    orphans_fail_ = report_.status == errc::corrupt;
    return;
  }
  orphans_done_ = !at->valid();
}

} // namespace hetzel::persistence
