#include "cluster/swc/frame_codec.hpp"
#include "cluster/swc/record_codec.hpp"
#include "cluster/swc/sync_codec.hpp"
#include "protocol/assert.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// A letter and bytes of a peer or of a disk: 'r' a record, 'f' a frame, 's' a
/// message of a pull. What is taken has to be in order, and to come back from
/// its own encoding as it was; a record has but one encoding.

using namespace hetzel::cluster;

namespace {

void check_record(const container& record) {
  HETZEL_ASSERT(std::is_sorted(
    record.versions.begin(), record.versions.end(),
    [](auto& x, auto& y) { return x.id < y.id; }));
  // What is decoded is joined with what is here.
  auto filled = record;
  for (auto& v : record.versions)
    filled.context.raise(v.id.actor, v.id.counter);
  HETZEL_ASSERT(join(filled, filled).result == filled);
}

void check_clock(const node_clock& clock) {
  for (auto& column : clock) {
    auto end = column.dots.base();
    for (auto& run : column.dots.exceptions()) {
      HETZEL_ASSERT(run.first > end + 1 && run.last >= run.first);
      HETZEL_ASSERT(run.last <= counter_max);
      end = run.last;
    }
  }
  auto twice = clock;
  twice.unite(clock);
  HETZEL_ASSERT(twice == clock);
  HETZEL_ASSERT(clock.minus(clock).empty());
}

void try_record(std::string_view bytes) {
  auto record = decode_record(bytes);
  if (!record)
    return;
  check_record(*record);
  HETZEL_ASSERT(encode_record(*record) == bytes);
}

void try_frame(std::string_view bytes) {
  auto delta = decode_frame(bytes);
  if (!delta)
    return;
  for (auto& item : delta->items)
    check_record(item.record);
  // A dictionary may hold actors that nothing names.
  auto again = encode_frame(*delta);
  HETZEL_ASSERT(again.size() <= bytes.size());
  HETZEL_ASSERT(decode_frame(again).value() == *delta);
}

void try_message(std::string_view bytes) {
  auto message = decode_sync(bytes);
  if (!message)
    return;
  if (auto* end = std::get_if<sync_end>(&*message)) {
    check_clock(end->clock);
    check_clock(end->voids);
  }
  if (auto* request = std::get_if<sync_request>(&*message))
    check_clock(request->clock);
  HETZEL_ASSERT(decode_sync(encode_sync(*message)).value() == *message);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (text.empty())
    return 0;
  auto rest = text.substr(1);
  switch (text[0]) {
    case 'r':
      try_record(rest);
      break;
    case 'f':
      try_frame(rest);
      break;
    default:
      try_message(rest);
  }
  return 0;
}
