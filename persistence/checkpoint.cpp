#include "persistence/checkpoint.hpp"

#include "persistence/engine/file.hpp"
#include "persistence/engine/store_directory.hpp"
#include "persistence/leveldb_store.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

namespace hetzel::persistence {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t batch_bytes = std::size_t{1} << 20;

} // namespace

expected<std::unique_ptr<checkpoint_copy>, open_error>
checkpoint_copy::begin(std::shared_ptr<const reader> from,
                       const std::string& to, const store_options& options) {
  std::error_code failure;
  if (fs::exists(fs::symlink_status(to, failure)))
    return unexpected(refusal(errc::not_a_store, to, "it exists already"));
  std::unique_ptr<checkpoint_copy> made(
    new checkpoint_copy(std::move(from), to));
  fs::remove_all(made->growing_, failure);
  auto copy = leveldb_store::open(made->growing_, options);
  if (!copy)
    return unexpected(std::move(copy).error());
  made->copy_ = *std::move(copy);
  made->at_ = made->from_->scan({}, {});
  return made;
}

checkpoint_copy::checkpoint_copy(std::shared_ptr<const reader> from,
                                 std::string to)
  : from_(std::move(from)), to_(std::move(to)), growing_(to_ + ".copying") {}

checkpoint_copy::~checkpoint_copy() {
  copy_.reset();
  std::error_code ignored;
  fs::remove_all(growing_, ignored);
}

expected<bool, open_error> checkpoint_copy::step() {
  for (; at_->valid(); at_->next()) {
    batch_.put(at_->key(), at_->value());
    ++report_.records;
    report_.record_bytes += at_->key().size() + at_->value().size();
    if (batch_.size_bytes() < batch_bytes)
      continue;
    at_->next();
    if (const auto why = write(durability::written); why != errc::none)
      return give_up(why);
    return false;
  }
  auto why = at_->status();
  if (why == errc::none)
    why = write(durability::synced);
  if (why == errc::none)
    why = complete();
  if (why != errc::none)
    return give_up(why);
  return true;
}

errc checkpoint_copy::write(durability level) {
  const auto why = copy_->write(batch_, level);
  batch_.clear();
  return why;
}

errc checkpoint_copy::complete() {
  at_.reset();
  from_.reset();
  copy_.reset();
  return publish(growing_, to_);
}

/// Lets go of the snapshot, which keeps a full disk from being freed.
unexpected<open_error> checkpoint_copy::give_up(errc why) {
  at_.reset();
  from_.reset();
  copy_.reset();
  std::error_code ignored;
  fs::remove_all(growing_, ignored);
  return unexpected(refusal(why, to_));
}

errc publish(const std::string& from, const std::string& to) {
  std::error_code failure;
  fs::rename(from, to, failure);
  if (failure)
    return errc_of(failure.value());
  const auto parent = fs::absolute(to, failure).parent_path();
  return sync_directory(parent.string());
}

expected<checkpoint_report, open_error>
checkpoint(const key_value_store& from, const std::string& to,
           const store_options& options) {
  auto copy = checkpoint_copy::begin(from.snapshot(), to, options);
  if (!copy)
    return unexpected(std::move(copy).error());
  for (;;) {
    const auto done = (*copy)->step();
    if (!done)
      return unexpected(done.error());
    if (*done)
      return (*copy)->report();
  }
}

} // namespace hetzel::persistence
