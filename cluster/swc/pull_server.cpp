#include "cluster/swc/pull_server.hpp"

#include "cluster/swc/frame_codec.hpp"
#include "cluster/swc/record_codec.hpp"
#include "cluster/swc/store_failure.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::cluster {

namespace {

/// The largest counter of the requester's own actor that it cannot have
/// forgotten in good health; 0 when there is none.
std::uint64_t regressed_to(const sync_request& request,
                           const shard_image& image) {
  auto& known = image.clock.at(request.actor);
  auto later = known.minus(request.clock.at(request.actor));
  dot_set lost;
  for (auto& run : later)
    lost.add(run);
  auto beyond = lost.minus(image.voids.at(request.actor));
  return beyond.empty() ? 0 : beyond.back().last;
}

bool is_behind_floor(const sync_request& request, const shard_image& image,
                     const replica_faults& faults) {
  if (request.mode == pull_mode::range || faults.ignore_floor
      || (request.mode == pull_mode::graft && faults.ignore_floor_in_graft))
    return false;
  return !request.clock.base().covers(image.floor);
}

} // namespace

expected<pull_server, sync_refusal>
pull_server::open(const sync_request& request,
                  std::shared_ptr<const persistence::reader> snapshot,
                  source from, time_point now) {
  auto image = shard_image::load(*snapshot, from.head.shard);
  from.head.session = request.head.session;
  if (auto counter = regressed_to(request, image);
      counter != 0 && !from.faults.keep_regressed_actor)
    return unexpected(
      sync_refusal{from.head, refusal::clock_regressed, counter, {}});
  if (is_behind_floor(request, image, from.faults))
    return unexpected(
      sync_refusal{from.head, refusal::need_full, 0, image.floor});
  return pull_server{request, std::move(snapshot), std::move(from),
                     std::move(image), now};
}

pull_server::pull_server(const sync_request& request,
                         std::shared_ptr<const persistence::reader> snapshot,
                         source from, shard_image image, time_point now)
  : requester_(request.head),
    mode_(request.mode),
    window_(std::clamp(request.window, 1U, 1000U)),
    snapshot_(std::move(snapshot)),
    from_(std::move(from)),
    image_(std::move(image)),
    base_(image_.clock.base()),
    started_(now),
    progressed_(now) {
  find_missing(request.clock);
  if (mode_ == pull_mode::range)
    from_key_.emplace();
}

void pull_server::find_missing(const node_clock& theirs) {
  auto shard = from_.head.shard;
  for (auto& gap : image_.clock.minus(theirs)) {
    for (auto& run : gap.runs) {
      // Below the floor there may be nothing, and looking there would step
      // over what the store has yet to drop.
      auto first = std::max(run.first, image_.swept.at(gap.actor) + 1);
      if (first > run.last)
        continue;
      auto entries = snapshot_->scan(dot_key(shard, {gap.actor, first}),
                                     dot_key(shard, {gap.actor, run.last + 1}));
      for (; entries->valid(); entries->next()) {
        auto id = dot_of_key(entries->key());
        if (!id)
          throw store_failure(persistence::errc::corrupt, "a dot");
        missing_[std::string(entries->value())].push_back(*id);
      }
      check(*entries);
    }
  }
}

container pull_server::record(const std::string& key) const {
  auto& store = from_.faults.read_live_records ? *from_.live : *snapshot_;
  return load_record(store, from_.head.shard, key);
}

frame pull_server::new_frame(frame_kind kind) {
  frame delta;
  delta.kind = kind;
  delta.shard = from_.head.shard;
  delta.source = from_.head.source;
  delta.source_generation = from_.head.source_generation;
  delta.session = requester_.session;
  delta.number = ++sent_;
  delta.base = base_;
  return delta;
}

bool pull_server::is_full(const frame& delta, std::size_t bytes) const {
  return bytes >= from_.limits.bytes
         || delta.items.size() >= from_.limits.items;
}

frame pull_server::next_dots() {
  auto delta = new_frame(frame_kind::dots);
  std::size_t bytes = 0;
  while (!missing_.empty() && !is_full(delta, bytes)) {
    auto taken = missing_.extract(missing_.begin());
    auto& dots = taken.mapped();
    if (mode_ == pull_mode::graft && from_.faults.list_some_dots)
      dots.resize((dots.size() + 1) / 2);
    auto key = std::move(taken.key());
    auto kept = record(key);
    delta.items.push_back({std::move(key), std::move(kept), std::move(dots)});
    bytes += size_bytes(delta.items.back());
  }
  // A graft asks for what fits into one frame.
  if (mode_ == pull_mode::graft)
    missing_.clear();
  return delta;
}

frame pull_server::next_range() {
  auto delta = new_frame(frame_kind::range);
  auto& store = from_.faults.read_live_records ? *from_.live : *snapshot_;
  delta.from = std::move(*from_key_);
  from_key_.reset();
  if (!records_ || from_.faults.read_live_records)
    records_ = scan_table(store, storage_table::records, from_.head.shard,
                          delta.from);
  std::size_t bytes = 0;
  for (; records_->valid(); records_->next()) {
    auto key = std::string(records_->key().substr(2));
    if (is_full(delta, bytes)) {
      delta.to = key;
      from_key_ = std::move(key);
      return delta;
    }
    auto kept = decode_record(records_->value());
    if (!kept)
      throw store_failure(persistence::errc::corrupt, "a record");
    delta.items.push_back({std::move(key), std::move(*kept), {}});
    bytes += size_bytes(delta.items.back());
  }
  check(*records_);
  return delta;
}

sync_end pull_server::end() {
  is_ended_ = true;
  return {from_.head,   from_.actor,  sent_,         image_.clock, image_.floor,
          from_.stable, image_.rows, image_.voids};
}

std::optional<sync_message> pull_server::next() {
  if (is_ended_ || sent_ - acknowledged_ >= window_)
    return std::nullopt;
  if (!missing_.empty())
    return next_dots();
  if (from_key_)
    return next_range();
  return end();
}

void pull_server::on_ack(const sync_ack& ack, time_point now) {
  if (ack.number <= acknowledged_ || ack.number > sent_)
    return;
  acknowledged_ = ack.number;
  progressed_ = now;
}

bool pull_server::is_over(time_point now) const {
  return is_ended_ || now - progressed_ >= from_.silence_max
         || now - started_ >= from_.duration_max;
}

} // namespace hetzel::cluster
