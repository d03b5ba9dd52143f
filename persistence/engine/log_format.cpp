#include "persistence/engine/log_format.hpp"

#include "persistence/crc32c.hpp"
#include "persistence/little_endian.hpp"

#include <algorithm>

namespace hetzel::persistence {

namespace {

enum class fragment_kind : std::uint8_t { whole = 1, first, middle, last };

struct fragment {
  fragment_kind kind;
  std::string_view payload;
  std::size_t end;
};

std::size_t block_end(std::size_t at) {
  return (at / log_block_size + 1) * log_block_size;
}

/// Past the zeros at the end of a block.
std::size_t skip_filling(std::size_t at) {
  const auto end = block_end(at);
  return end - at < log_head_size ? end : at;
}

/// The fragment whose head stands at `at`, when it is sound.
std::optional<fragment> fragment_at(std::string_view file, std::size_t at) {
  const auto end = std::min(file.size(), block_end(at));
  if (at + log_head_size > end)
    return std::nullopt;
  const auto kind = static_cast<unsigned char>(file[at + 6]);
  const auto size = from_little_endian<std::uint16_t>(file.substr(at + 4));
  if (kind < 1 || kind > 4 || at + log_head_size + size > end)
    return std::nullopt;
  const auto crc = from_little_endian<std::uint32_t>(file.substr(at));
  if (crc != masked_crc(crc32c(file.substr(at + 6, 1U + size))))
    return std::nullopt;
  return fragment{static_cast<fragment_kind>(kind),
                  file.substr(at + log_head_size, size),
                  at + log_head_size + size};
}

/// Whether the head at `at`, or what it announces, lies beyond the end of the
/// file: the write of it was cut short.
bool runs_out(std::string_view file, std::size_t at) {
  if (file.size() - at < log_head_size)
    return true;
  const auto size = from_little_endian<std::uint16_t>(file.substr(at + 4));
  const auto end = at + log_head_size + size;
  return end > file.size() && end <= block_end(at);
}

/// Where the next sound fragment stands at or behind `at`.
std::optional<std::size_t> find_fragment(std::string_view file,
                                         std::size_t at) {
  for (; at + log_head_size <= file.size(); ++at)
    if (fragment_at(file, at))
      return at;
  return std::nullopt;
}

/// Where to go on behind what is no sound fragment. Not just anywhere: the
/// payload of a damaged one may hold what looks like a fragment, and a client
/// may have put it there.
std::size_t behind_damage(std::string_view file, std::size_t at) {
  if (at + log_head_size <= file.size()) {
    const auto size = from_little_endian<std::uint16_t>(file.substr(at + 4));
    const auto next = skip_filling(at + log_head_size + size);
    if (next <= block_end(at) && fragment_at(file, next))
      return next;
  }
  return block_end(at);
}

struct whole_record {
  std::string bytes;
  std::size_t end;
};

/// The record that begins at `at`. Without one, `*stop` is where its fragments
/// cease to be sound or to follow each other.
std::optional<whole_record> record_at(std::string_view file, std::size_t at,
                                      std::size_t* stop) {
  whole_record record{{}, at};
  for (bool inside = false;; inside = true) {
    record.end = skip_filling(record.end);
    *stop = std::min(record.end, file.size());
    if (*stop >= file.size())
      return std::nullopt;
    const auto part = fragment_at(file, record.end);
    const bool begins = part && (part->kind == fragment_kind::whole
                                 || part->kind == fragment_kind::first);
    if (!part || begins == inside)
      return std::nullopt;
    record.bytes += part->payload;
    record.end = part->end;
    if (part->kind == fragment_kind::whole || part->kind == fragment_kind::last)
      return record;
  }
}

} // namespace

log_audit audit_log(std::string_view file) {
  log_audit audit;
  std::size_t at = 0;
  std::size_t stop = 0;
  while (const auto record = record_at(file, at, &stop)) {
    at = record->end;
    ++audit.records;
  }
  audit.sound_bytes = std::min(at, file.size());
  if (skip_filling(at) >= file.size())
    return audit;
  if (stop < file.size() && find_fragment(file, stop))
    audit.ending = log_ending::damaged;
  else if (stop >= file.size() || runs_out(file, stop))
    audit.ending = log_ending::cut_short;
  else
    audit.ending = log_ending::scrambled;
  return audit;
}

std::optional<std::string> log_walk::next() {
  while (skip_filling(at_) < file_.size()) {
    std::size_t stop = 0;
    if (auto record = record_at(file_, at_, &stop)) {
      at_ = record->end;
      return std::move(record->bytes);
    }
    // Where a record that was due did not come, another one may begin.
    const auto onward = stop > at_ && fragment_at(file_, stop)
                          ? stop
                          : std::min(behind_damage(file_, stop), file_.size());
    skipped_ += onward - at_;
    at_ = onward;
  }
  return std::nullopt;
}

void append_log_record(std::string& file, std::string_view record) {
  for (bool begins = true; begins || !record.empty(); begins = false) {
    file.resize(skip_filling(file.size()));
    const auto room = block_end(file.size()) - file.size() - log_head_size;
    const auto part = record.substr(0, std::min(room, record.size()));
    record.remove_prefix(part.size());
    const auto kind
      = begins ? (record.empty() ? fragment_kind::whole : fragment_kind::first)
               : (record.empty() ? fragment_kind::last : fragment_kind::middle);
    const auto at = file.size();
    file.resize(at + log_head_size - 1);
    file += static_cast<char>(kind);
    file += part;
    const auto crc = masked_crc(crc32c(std::string_view(file).substr(at + 6)));
    std::ranges::copy(to_little_endian(crc), file.begin()
                        + static_cast<std::ptrdiff_t>(at));
    const auto size = static_cast<std::uint16_t>(part.size());
    std::ranges::copy(to_little_endian(size), file.begin()
                        + static_cast<std::ptrdiff_t>(at + 4));
  }
}

} // namespace hetzel::persistence
