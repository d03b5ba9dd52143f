#include "persistence/engine/engine.hpp"

#include "persistence/engine/file.hpp"
#include "persistence/record.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace hetzel::persistence {

namespace {

/// LevelDB would keep a log of its own beside the records.
class silent_logger final : public leveldb::Logger {
public:
  void Logv(const char*, std::va_list) override {}
};

/// LevelDB's own lock was taken: by another program that knows LevelDB, since
/// ours is held. Its lock belongs to a process and names it.
std::string lock_holder(const std::string& directory) {
  const auto file = open_file(directory + "/LOCK", O_RDWR);
  struct flock wanted {};
  wanted.l_type = F_WRLCK;
  wanted.l_whence = SEEK_SET;
  if (!file || ::fcntl(file->get(), F_GETLK, &wanted) != 0
      || wanted.l_type == F_UNLCK)
    return {};
  return "by process " + std::to_string(wanted.l_pid);
}

open_error refusal_of(const leveldb::Status& status, const std::string& path) {
  const auto text = status.ToString();
  if (text.find("lock " + path + "/LOCK") != std::string::npos
      && !text.ends_with(std::generic_category().message(EACCES)))
    return refusal(errc::in_use, path, lock_holder(path));
  return refusal(errc_of(status), path, text);
}

} // namespace

/// LevelDB passes an error of the system on as its text alone.
errc errc_of(const leveldb::Status& status) {
  if (status.ok())
    return errc::none;
  if (status.IsCorruption())
    return errc::corrupt;
  constexpr std::array known{ENOSPC, EDQUOT,  EFBIG,  EACCES, EPERM,
                             EROFS,  ENOTDIR, EMFILE, ENFILE};
  const auto text = status.ToString();
  const auto found = std::ranges::find_if(known, [&](int number) {
    return text.ends_with(std::generic_category().message(number));
  });
  return found == known.end() ? errc::io_error : errc_of(*found);
}

leveldb::Options options_of(const store_options& options, engine& parts) {
  parts.silence = std::make_unique<silent_logger>();
  parts.cache.reset(leveldb::NewLRUCache(options.block_cache_bytes));
  if (options.bloom_bits_per_key)
    parts.filter.reset(
      leveldb::NewBloomFilterPolicy(*options.bloom_bits_per_key));
  leveldb::Options out;
  out.paranoid_checks = true;
  out.env = &parts.env;
  out.info_log = parts.silence.get();
  out.block_cache = parts.cache.get();
  out.filter_policy = parts.filter.get();
  out.write_buffer_size = options.write_buffer_bytes;
  out.max_open_files = options.max_open_files;
  out.compression = options.compression ? leveldb::kSnappyCompression
                                        : leveldb::kNoCompression;
  return out;
}

engine::~engine() {
  const bool was_open = db != nullptr;
  db.reset();
  // Failing to say so costs the next start a closer look, no more.
  if (was_open && failure == errc::none)
    static_cast<void>(directory->mark_closed());
}

expected<std::shared_ptr<engine>, open_error>
open_engine(std::shared_ptr<store_directory> directory,
            std::shared_ptr<read_counters> counters,
            const store_options& options) {
  auto made = std::make_shared<engine>();
  made->directory = std::move(directory);
  made->counters = std::move(counters);
  auto& home = *made->directory;
  const bool fresh = home.is_fresh();
  if (!fresh)
    if (const auto why = home.mark_open(); why != errc::none)
      return unexpected(refusal(why, home.path()));
  auto settings = options_of(options, *made);
  settings.create_if_missing = fresh;
  leveldb::DB* opened = nullptr;
  const auto status = leveldb::DB::Open(settings, home.path(), &opened);
  std::unique_ptr<leveldb::DB> db(opened);
  if (!status.ok()) {
    // Failing here as well makes the next start a little less strict.
    if (!fresh)
      static_cast<void>(home.unmark_open());
    return unexpected(refusal_of(status, home.path()));
  }
  if (fresh)
    if (const auto why = home.mark_open(); why != errc::none)
      return unexpected(refusal(why, home.path()));
  made->db = std::move(db);
  return made;
}

expected<std::optional<std::string>, errc>
get_record(const engine& from, const leveldb::Snapshot* at,
           std::string_view key) {
  from.counters->gets.fetch_add(1, std::memory_order_relaxed);
  leveldb::ReadOptions how;
  how.verify_checksums = true;
  how.snapshot = at;
  std::string sealed;
  const auto status = from.db->Get(how, {key.data(), key.size()}, &sealed);
  if (status.IsNotFound())
    return std::optional<std::string>();
  auto why = errc_of(status);
  if (why == errc::none) {
    if (open_record(key, sealed)) {
      sealed.erase(0, seal_size);
      return std::optional<std::string>(std::move(sealed));
    }
    why = errc::corrupt;
  }
  if (why == errc::corrupt)
    from.counters->corrupt.fetch_add(1, std::memory_order_relaxed);
  return unexpected(why);
}

} // namespace hetzel::persistence
