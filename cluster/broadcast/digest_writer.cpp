#include "cluster/broadcast/digest_writer.hpp"

#include "cluster/broadcast/broadcast_codec.hpp"

#include "protocol/assert.hpp"

namespace hetzel::cluster {

namespace {

digest_entry entry_of(shard_no shard, const shard_report& report) {
  digest_entry entry{shard, report.committed, {}, report.dots};
  if (report.stable != report.committed.base())
    entry.stable = report.stable;
  return entry;
}

} // namespace

std::uint64_t digest_writer::beat() {
  ++beats_;
  auto count = shards_.shards();
  HETZEL_ASSERT(count >= 1 && count <= 256);
  seen_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto shard = shard_no{static_cast<std::uint8_t>(i)};
    auto now = entry_of(shard, shards_.report(shard));
    auto& before = seen_[i];
    // What was collected alone is not worth a message.
    if (before.changed == 0 || now.clock != before.entry.clock
        || now.stable != before.entry.stable)
      before.changed = beats_;
    before.entry = std::move(now);
  }
  return beats_;
}

std::vector<digest> digest_writer::changed_after(std::uint64_t beat) {
  std::vector<digest> digests(1);
  std::size_t bytes = 0;
  for (auto& shard : seen_) {
    if (shard.changed <= beat)
      continue;
    auto size = size_bytes(shard.entry);
    if (size > broadcast_bytes_max - bytes_full) {
      ++left_out_;
      continue;
    }
    if (bytes >= bytes_full) {
      digests.emplace_back();
      bytes = 0;
    }
    digests.back().entries.push_back(shard.entry);
    bytes += size;
  }
  return digests;
}

} // namespace hetzel::cluster
