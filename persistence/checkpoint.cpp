#include "persistence/checkpoint.hpp"

#include "persistence/engine/file.hpp"
#include "persistence/engine/store_directory.hpp"
#include "persistence/leveldb_store.hpp"

#include <filesystem>
#include <system_error>

namespace hetzel::persistence {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t batch_bytes = std::size_t{1} << 20;

/// Fills a new store with the records of another.
class copier {
public:
  copier(const reader& from, key_value_store& to) : from_(from), to_(to) {}

  expected<checkpoint_report, errc> run() {
    const auto at = from_.scan({}, {});
    for (; at->valid(); at->next()) {
      take(*at);
      if (batch_.size_bytes() < batch_bytes)
        continue;
      if (const auto why = write(durability::written); why != errc::none)
        return unexpected(why);
    }
    auto why = at->status();
    if (why == errc::none)
      why = write(durability::synced);
    if (why != errc::none)
      return unexpected(why);
    return report_;
  }

private:
  void take(const cursor& at) {
    batch_.put(at.key(), at.value());
    ++report_.records;
    report_.record_bytes += at.key().size() + at.value().size();
  }

  errc write(durability level) {
    const auto why = to_.write(batch_, level);
    batch_.clear();
    return why;
  }

  const reader& from_;
  key_value_store& to_;
  write_batch batch_;
  checkpoint_report report_;
};

expected<checkpoint_report, open_error>
copy_records(const key_value_store& from, const std::string& to,
             const store_options& options) {
  auto copy = leveldb_store::open(to, options);
  if (!copy)
    return unexpected(std::move(copy).error());
  auto report = copier(*from.snapshot(), **copy).run();
  if (!report)
    return unexpected(refusal(report.error(), to));
  return *report;
}

/// Gives the copy its name, so that it is there after a power loss too.
errc publish(const fs::path& from, const fs::path& to) {
  std::error_code failure;
  fs::rename(from, to, failure);
  if (failure)
    return errc_of(failure.value());
  const auto parent = fs::absolute(to, failure).parent_path();
  return sync_directory(parent.string());
}

} // namespace

expected<checkpoint_report, open_error>
checkpoint(const key_value_store& from, const std::string& to,
           const store_options& options) {
  std::error_code failure;
  if (fs::exists(fs::symlink_status(to, failure)))
    return unexpected(refusal(errc::not_a_store, to, "it exists already"));
  const auto growing = to + ".copying";
  fs::remove_all(growing, failure);
  auto report = copy_records(from, growing, options);
  if (report)
    if (const auto why = publish(growing, to); why != errc::none)
      report = unexpected(refusal(why, to));
  if (!report)
    fs::remove_all(growing, failure);
  return report;
}

} // namespace hetzel::persistence
