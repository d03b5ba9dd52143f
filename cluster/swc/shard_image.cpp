#include "cluster/swc/shard_image.hpp"

#include "cluster/swc/clock_codec.hpp"
#include "cluster/swc/record_codec.hpp"
#include "cluster/swc/store_failure.hpp"

namespace hetzel::cluster {

namespace {

[[noreturn]] void fail_corrupt(std::string_view what) {
  throw store_failure(persistence::errc::corrupt, std::string(what));
}

std::uint64_t id_of(std::string_view bytes) {
  if (bytes.size() != 8)
    fail_corrupt("a clock row without an id");
  std::uint64_t id = 0;
  for (auto byte : bytes)
    id = id << 8U | static_cast<unsigned char>(byte);
  return id;
}

class row_reader {
public:
  explicit row_reader(std::string_view value) : in_(value) {
    if (in_.u8() != layout_version)
      throw store_failure(persistence::errc::newer_layout, "a clock row");
  }


  dot_set dots() { return decode_dot_set(in_); }
  version_vector vector() { return decode_version_vector(in_); }

  void finish() {
    if (in_.finish() != errc::none)
      fail_corrupt("a clock row");
  }

private:
  byte_reader in_;
};

void take(shard_image& image, std::string_view key, std::string_view value) {
  if (key.empty())
    fail_corrupt("a clock row without a kind");
  row_reader in{value};
  auto id = key.substr(1);
  switch (clock_row{key[0]}) {
    case clock_row::column:
      image.clock.unite(actor_id{id_of(id)}, in.dots());
      return in.finish();
    case clock_row::voids:
      image.voids.unite(actor_id{id_of(id)}, in.dots());
      return in.finish();
    case clock_row::watermark:
      image.rows[store_id{id_of(id)}] = in.vector();
      return in.finish();
    case clock_row::closed:
      image.closed.insert(actor_id{id_of(id)});
      return in.finish();
    case clock_row::floor:
      image.floor = in.vector();
      image.swept = in.vector();
      return in.finish();
  }
  fail_corrupt("a clock row of an unknown kind");
}

} // namespace

shard_image shard_image::load(const persistence::reader& store,
                              shard_no shard) {
  shard_image image;
  auto rows = scan_table(store, storage_table::clocks, shard);
  for (; rows->valid(); rows->next())
    take(image, rows->key().substr(2), rows->value());
  check(*rows);
  if (!image.clock.base().covers(image.floor)
      || !image.floor.covers(image.swept))
    fail_corrupt("a prune floor above its clock");
  return image;
}

container load_record(const persistence::reader& store, shard_no shard,
                      std::string_view key) {
  auto bytes = store.get(record_key(shard, key));
  if (!bytes)
    throw store_failure(bytes.error(), "a record");
  if (!*bytes)
    return {};
  auto record = decode_record(**bytes);
  if (!record)
    fail_corrupt("a record");
  return std::move(*record);
}

std::unique_ptr<persistence::cursor>
scan_table(const persistence::reader& store, storage_table table,
           shard_no shard, std::string_view from) {
  auto prefix = table_prefix(table, shard);
  return store.scan(prefix + std::string(from),
                    persistence::behind_prefix(prefix));
}

void check(const persistence::cursor& walked) {
  if (walked.status() != persistence::errc::none)
    throw store_failure(walked.status(), "a walk over records");
}

std::string encode_row(const dot_set& dots) {
  std::string bytes;
  byte_writer out{bytes};
  out.u8(layout_version);
  encode(out, dots);
  return bytes;
}

std::string encode_row(const version_vector& vector) {
  std::string bytes;
  byte_writer out{bytes};
  out.u8(layout_version);
  encode(out, vector);
  return bytes;
}

std::string encode_floor(const version_vector& floor,
                         const version_vector& swept) {
  auto bytes = encode_row(floor);
  byte_writer out{bytes};
  encode(out, swept);
  return bytes;
}

} // namespace hetzel::cluster
