#include "cluster/swc/storage_layout.hpp"

namespace hetzel::cluster {

namespace {

void append_big_endian(std::string& out, std::uint64_t value) {
  for (unsigned shift = 64; shift != 0; shift -= 8)
    out += static_cast<char>(value >> (shift - 8));
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (auto byte : bytes)
    value = value << 8U | static_cast<unsigned char>(byte);
  return value;
}

std::string in_table(storage_table table, shard_no shard,
                     std::string_view key) {
  std::string made;
  made.reserve(2 + key.size());
  made += static_cast<char>(table);
  made += static_cast<char>(shard);
  made += key;
  return made;
}

} // namespace

std::string table_prefix(storage_table table, shard_no shard) {
  return in_table(table, shard, {});
}

std::string record_key(shard_no shard, std::string_view key) {
  return in_table(storage_table::records, shard, key);
}

std::string context_key(shard_no shard, std::string_view key) {
  return in_table(storage_table::contexts, shard, key);
}

std::string dot_key(shard_no shard, dot id) {
  auto made = table_prefix(storage_table::dots, shard);
  append_big_endian(made, static_cast<std::uint64_t>(id.actor));
  append_big_endian(made, id.counter);
  return made;
}

std::string clock_key(shard_no shard, clock_row row, std::uint64_t id) {
  auto made = table_prefix(storage_table::clocks, shard);
  made += static_cast<char>(row);
  if (row != clock_row::floor)
    append_big_endian(made, id);
  return made;
}

std::optional<dot> dot_of_key(std::string_view key) {
  if (key.size() != 18)
    return std::nullopt;
  return dot{actor_id{big_endian(key.substr(2, 8))},
             big_endian(key.substr(10, 8))};
}

} // namespace hetzel::cluster
