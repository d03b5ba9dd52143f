#include "persistence/repair.hpp"

#include "persistence/engine/engine.hpp"
#include "persistence/engine/log_format.hpp"
#include "persistence/engine/store_directory.hpp"
#include "persistence/leveldb_store.hpp"
#include "persistence/record.hpp"

#include <leveldb/db.h>
#include <leveldb/iterator.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>

namespace hetzel::persistence {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t batch_bytes = std::size_t{1} << 20;

/// A directory that goes with everything in it, once it was made.
class scratch_directory {
public:
  explicit scratch_directory(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] errc make() {
    const auto why = make_directories(path_);
    made_ = why == errc::none;
    return why;
  }

  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;

  ~scratch_directory() {
    std::error_code ignored;
    if (made_)
      fs::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
  std::string path_;
  bool made_ = false;
};

std::string_view view(const leveldb::Slice& bytes) {
  return {bytes.data(), bytes.size()};
}

bool is_table(std::string_view name) {
  return name.ends_with(".ldb") || name.ends_with(".sst");
}

class repairer {
public:
  repairer(const std::string& from, const std::string& to)
    : from_(from), to_(to), scratch_(to + ".repairing") {}

  expected<repair_report, open_error> run() {
    auto locked = store_directory::lock_for_repair(from_);
    if (!locked)
      return unexpected(std::move(locked).error());
    if (auto failure = check_target(); failure.code != errc::none)
      return unexpected(std::move(failure));
    for (const auto step :
         {&repairer::copy_files, &repairer::mend_copy, &repairer::fill_target})
      if (auto failure = (this->*step)(); failure.code != errc::none)
        return unexpected(std::move(failure));
    return report_;
  }

private:
  [[nodiscard]] open_error check_target() const {
    std::error_code failure;
    const auto inside = fs::weakly_canonical(from_, failure);
    const auto way
      = fs::weakly_canonical(to_, failure).lexically_relative(inside);
    if (failure || way.empty() || *way.begin() != "..")
      return refusal(errc::not_a_store, to_, "it lies within " + from_);
    if (fs::exists(to_, failure) && !fs::is_directory(to_, failure))
      return refusal(errc::not_a_directory, to_);
    if (fs::exists(to_, failure) && !fs::is_empty(to_, failure))
      return refusal(errc::not_a_store, to_, "it is not empty");
    if (fs::exists(scratch_.path(), failure))
      return refusal(errc::not_a_store, scratch_.path(),
                     "an earlier repair left it; remove it");
    return {};
  }

  open_error copy_files() {
    const auto entries = list_directory(from_);
    if (!entries)
      return refusal(entries.error(), from_);
    if (const auto why = scratch_.make(); why != errc::none)
      return refusal(why, scratch_.path());
    for (const auto& entry : *entries) {
      const bool log = entry.name.ends_with(".log");
      if (!is_engine_file(entry.name) || (!log && !is_table(entry.name)))
        continue;
      const auto bytes = read_file(from_ + "/" + entry.name);
      if (!bytes) {
        ++report_.bad_files;
        continue;
      }
      const auto copy = scratch_.path() + "/" + entry.name;
      const auto why = write_new_file(copy, log ? sound_part(*bytes) : *bytes);
      if (why != errc::none)
        return refusal(why, copy);
    }
    return {};
  }

  /// LevelDB's repair takes a log's records without looking at checksums.
  std::string sound_part(const std::string& log) {
    std::string sound;
    log_walk records(log);
    while (const auto record = records.next())
      append_log_record(sound, *record);
    report_.bad_log_bytes += records.skipped_bytes();
    return sound;
  }

  /// Without a manifest among the copies LevelDB makes one of the tables and
  /// logs that there are, and puts what it cannot read into a folder.
  open_error mend_copy() {
    const auto status
      = leveldb::RepairDB(scratch_.path(), options_of({}, parts_));
    if (!status.ok())
      return refusal(errc_of(status), scratch_.path(), status.ToString());
    std::error_code none_lost;
    for (const auto& lost :
         fs::directory_iterator(scratch_.path() + "/lost", none_lost))
      if (is_table(lost.path().filename().string()))
        ++report_.bad_files;
    return {};
  }

  open_error fill_target() {
    leveldb::DB* opened = nullptr;
    const auto status
      = leveldb::DB::Open(options_of({}, parts_), scratch_.path(), &opened);
    const std::unique_ptr<leveldb::DB> copy(opened);
    if (!status.ok())
      return refusal(errc_of(status), scratch_.path(), status.ToString());
    auto target = leveldb_store::open(to_);
    if (!target)
      return std::move(target).error();
    const auto why = copy_records(*copy, **target);
    return why == errc::none ? open_error() : refusal(why, to_);
  }

  /// Here, and only here, a block that cannot be read is stepped over.
  errc copy_records(leveldb::DB& copy, leveldb_store& target) {
    leveldb::ReadOptions how;
    how.verify_checksums = true;
    how.fill_cache = false;
    const std::unique_ptr<leveldb::Iterator> at(copy.NewIterator(how));
    write_batch batch;
    auto why = errc::none;
    for (at->SeekToFirst(); at->Valid() && why == errc::none; at->Next()) {
      take(view(at->key()), view(at->value()), batch);
      if (batch.size_bytes() < batch_bytes)
        continue;
      why = target.write(batch, durability::written);
      batch.clear();
    }
    if (why == errc::none)
      why = target.write(batch, durability::synced);
    return why;
  }

  void take(std::string_view key, std::string_view sealed,
            write_batch& batch) {
    const auto opened = open_record(key, sealed);
    if (!opened || key.size() > key_size_max
        || opened->size() > value_size_max) {
      ++report_.bad_records;
      return;
    }
    batch.put(key, *opened);
    ++report_.records;
    report_.record_bytes += key.size() + opened->size();
  }

  const std::string& from_;
  const std::string& to_;
  scratch_directory scratch_;
  engine parts_;
  repair_report report_;
};

} // namespace

expected<repair_report, open_error> repair(const std::string& from,
                                           const std::string& to) {
  return repairer(from, to).run();
}

} // namespace hetzel::persistence
