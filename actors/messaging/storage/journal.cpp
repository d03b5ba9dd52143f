#include "actors/messaging/storage/journal.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/queue.hpp"
#include "actors/messaging/site.hpp"
#include "actors/messaging/storage/store_writer.hpp"

#include <utility>

namespace hetzel::messaging {

journal::journal(site& local, std::size_t shards)
  : local_(local), shards_(shards) {}

journal::~journal() = default;

persistence::message_batch& journal::batch(std::size_t shard) {
  auto& state = shards_[shard];
  if (!state.batch) {
    state.batch = std::make_shared<persistence::message_batch>();
    state.began = local_.home.now();
  }
  leave_soon(state);
  return *state.batch;
}

/// Before the reactor sleeps, or at the end of this tick.
void journal::leave_soon(shard_state& of) {
  const bool is_late = local_.home.now() - of.began >= linger
                       || of.batch->size_bytes() >= batch_bytes_max;
  if (is_late) {
    cancel_flush();
    local_.home.flush_later(*this);
  } else {
    local_.home.flush_when_idle(*this);
  }
}

void journal::hold(std::size_t shard, receipt_ptr waits) {
  if (!waits)
    return;
  auto& state = shards_[shard];
  state.is_synced = state.is_synced || waits->ticket().is_synced;
  state.receipts.push_back(std::move(waits));
}

void journal::tell(std::size_t shard, queue_id queue) {
  auto& queues = shards_[shard].queues;
  if (queues.empty() || queues.back() != queue)
    queues.push_back(queue);
}

std::size_t journal::body_shard() const noexcept {
  return local_.home.index() % shards_.size();
}

void journal::flush() {
  for (std::size_t shard = 0; shard < shards_.size(); ++shard)
    if (!may_grow(shards_[shard]))
      send(shard);
}

/// It would only wait at the writer; `on_committed` sees to it.
bool journal::may_grow(const shard_state& of) noexcept {
  return of.batch && !of.under_way.empty()
         && of.batch->size_bytes() < batch_bytes_max;
}

void journal::send(std::size_t shard) {
  send_batch(body_shard());
  if (shard != body_shard())
    send_batch(shard);
}

void journal::send_batch(std::size_t shard) {
  auto& state = shards_[shard];
  if (!state.batch)
    return;
  open_batch leaving{std::exchange(state.batch, nullptr), state.number++,
                     level_of(state), std::exchange(state.receipts, {}),
                     std::exchange(state.queues, {})};
  state.under_way.push_back(std::move(leaving));
  if (!state.is_lost)
    commit(shard, state.under_way.back(), false);
}

/// What nobody waits for, as an acknowledgement, is as durable as the node is.
persistence::durability journal::level_of(shard_state& leaving) const {
  const bool is_synced
    = std::exchange(leaving.is_synced, false)
      || local_.node.message_durability == net::message_durability::synced;
  return is_synced ? persistence::durability::synced
                   : persistence::durability::written;
}

void journal::commit(std::size_t shard, const open_batch& one, bool is_anew) {
  if (!port_)
    return;
  auto request = std::make_shared<commit_request>();
  request->batch = one.batch;
  request->level = one.level;
  request->reactor = local_.home.index();
  request->number = one.number;
  request->is_anew = is_anew;
  port_->commit(shard, std::move(request));
}

void journal::attach(journal_port& port) {
  port_ = &port;
  for (std::size_t shard = 0; shard < shards_.size(); ++shard)
    resend(shard);
}

void journal::on_lost(std::size_t shard) {
  if (!std::exchange(shards_[shard].is_lost, true) && port_)
    port_->resend_later(shard);
}

void journal::resend(std::size_t shard) {
  auto& state = shards_[shard];
  state.is_lost = false;
  bool is_anew = true;
  for (const auto& waits : state.under_way)
    commit(shard, waits, std::exchange(is_anew, false));
}

void journal::on_committed(std::size_t shard, batch_number number,
                           persistence::errc code) {
  auto& state = shards_[shard];
  if (state.is_lost || state.under_way.empty()
      || state.under_way.front().number != number)
    return;
  auto done = std::move(state.under_way.front());
  state.under_way.pop_front();
  if (code == persistence::errc::none)
    state.committed = number;
  finish(std::move(done), code);
  if (state.batch)
    leave_soon(state);
}

std::size_t journal::under_way() const noexcept {
  std::size_t sum = 0;
  for (const auto& shard : shards_)
    sum += shard.under_way.size();
  return sum;
}

batch_number journal::batches() const noexcept {
  batch_number sum = 0;
  for (const auto& shard : shards_)
    sum += shard.number - 1;
  return sum;
}

void journal::finish(open_batch done, persistence::errc code) {
  if (code != persistence::errc::none)
    for (const auto& one : done.receipts)
      one->fail(code);
  done.receipts.clear();
  for (const auto id : done.queues)
    if (auto* owner = local_.queues.find(id))
      owner->on_committed(done.number, code);
}

} // namespace hetzel::messaging
