#include "test/support/storage_site.hpp"

#include "actors/messaging/queue.hpp"
#include "actors/messaging/site.hpp"
#include "actors/messaging/storage/store_writer.hpp"
#include "actors/messaging/storage/stored_message.hpp"

#include <limits>

namespace hetzel::test {

namespace {

std::unique_ptr<messaging::message_disk> open_disk(std::size_t shards) {
  messaging::message_disk::stores stores;
  for (std::size_t i = 0; i < shards; ++i)
    stores.push_back(std::make_unique<persistence::memory_store>());
  return messaging::message_disk::open(std::move(stores)).value();
}

class collecting_sink final : public persistence::entry_sink {
public:
  explicit collecting_sink(messaging::loaded_window& to) : to_(to) {}

  void on_entry(const persistence::entry_stub& stub,
                const persistence::entry_record& what) override {
    const auto now
      = messaging::at_wall_clock(std::chrono::steady_clock::now());
    to_.messages.push_back(
      {stub, messaging::decode_stored(stub, what, now).value(),
       std::string{messaging::share_of(what.header)}});
  }

private:
  messaging::loaded_window& to_;
};

} // namespace

storage_site::storage_site(messaging::live_config config, std::size_t shards)
  : messaging_site(1, std::move(config)), disk(open_disk(shards)) {
  exchange.store_messages(*disk);
  journal().attach(*this);
}

storage_site::~storage_site() {
  journal().detach(*this);
}

void storage_site::commit(std::size_t shard,
                          messaging::commit_request_ptr request) {
  left.push_back({shard, request->number, std::move(request)});
}

void storage_site::commit_all(persistence::errc code) {
  for (journal().flush(); !left.empty(); journal().flush()) {
    const auto next = std::move(left.front());
    left.pop_front();
    auto& owed = disk->owed(next.shard);
    owed.append(*next.request->batch);
    if (code == persistence::errc::none)
      code = disk->shard(next.shard).commit(owed, next.request->level);
    journal().on_committed(next.shard, next.number, code);
  }
}

void storage_site::settle() {
  for (const auto& one : local().settlements.take(
         std::numeric_limits<std::size_t>::max()))
    if (auto* owner = local().queues.find(one.ticket.waiter))
      owner->on_settlement(one);
}

messaging::loaded_window
storage_site::read(const messaging::window_query& query, std::size_t shard) {
  messaging::loaded_window reply;
  collecting_sink sink{reply};
  const auto seen = disk->shard(shard).read_window(query.queue, query.what,
                                                   sink);
  reply.lost = seen.dangling;
  reply.at_end = seen.at_end;
  reply.is_drop = query.is_drop;
  reply.rest = seen.rest;
  reply.status = seen.status;
  return reply;
}

persistence::message_totals storage_site::totals(std::size_t shard) {
  return disk->shard(shard).statistics().totals;
}

} // namespace hetzel::test
