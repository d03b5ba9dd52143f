#include "persistence/engine/store_directory.hpp"

#include <algorithm>
#include <cerrno>
#include <numeric>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hetzel::persistence {

namespace {

std::string_view advice(errc code) {
  switch (code) {
    case errc::none:
      return "nothing to do";
    case errc::io_error:
      return "check the disk and the system's log";
    case errc::disk_full:
      return "make room on the disk and start again";
    case errc::corrupt:
      return "nothing was changed: restore a backup, or repair the store into "
             "a new directory";
    case errc::newer_layout:
      return "install the version that wrote it, or name another directory";
    case errc::in_use:
      return "stop the process that uses it, or name another directory";
    case errc::not_a_directory:
    case errc::not_a_store:
    case errc::not_found:
      return "name another directory";
    case errc::permission_denied:
      return "give it to the user that runs this process, or name another "
             "directory";
    case errc::too_many_files:
      return "raise the limit of open files";
    case errc::wrong_shard:
      return "start with the number of shards that there was before";
  }
  return {};
}

bool is_own_file(std::string_view name) {
  return name.starts_with("hetzel.") || name == "lost+found";
}

std::string process_in(const file_handle& lock) {
  std::string text(32, '\0');
  const auto got = ::pread(lock.get(), text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text.substr(0, text.find('\n'));
}

} // namespace

open_error refusal(errc code, const std::string& path,
                   const std::string& detail) {
  auto message = path + ": ";
  message += sentence(code);
  if (!detail.empty())
    message += " (" + detail + ")";
  message += "; ";
  message += advice(code);
  std::ranges::replace(message, '\n', ' ');
  return {code, std::move(message)};
}

// -- opening ------------------------------------------------------------------

expected<std::shared_ptr<store_directory>, open_error>
store_directory::open(const std::string& path, bool create_if_missing) {
  struct stat seen {};
  if (::stat(path.c_str(), &seen) != 0) {
    const auto why = errc_of(errno);
    if (why != errc::not_found || !create_if_missing)
      return unexpected(refusal(why, path));
    if (const auto made = make_directories(path); made != errc::none)
      return unexpected(refusal(made, path, "it cannot be made"));
  } else if (!S_ISDIR(seen.st_mode)) {
    return unexpected(refusal(errc::not_a_directory, path));
  }
  std::shared_ptr<store_directory> made(new store_directory(path));
  if (auto failure = made->prepare(create_if_missing);
      failure.code != errc::none)
    return unexpected(std::move(failure));
  return made;
}

open_error store_directory::prepare(bool create_if_missing) {
  auto failure = check_contents(create_if_missing);
  if (failure.code == errc::none)
    failure = lock();
  if (failure.code == errc::none)
    failure = read_layout();
  if (failure.code == errc::none && !is_fresh())
    failure = audit();
  if (failure.code != errc::none || !report_.created)
    return failure;
  const auto why = say({layout_version, store_state::fresh, "", {}});
  return why == errc::none ? open_error() : refusal(why, path_);
}

expected<std::shared_ptr<store_directory>, open_error>
store_directory::lock_for_repair(const std::string& path) {
  std::shared_ptr<store_directory> made(new store_directory(path));
  if (auto listed = list_directory(path); !listed)
    return unexpected(refusal(listed.error(), path));
  // Whoever has it open has made the file. A disk that can only be read will
  // do.
  auto file = open_file(path + "/" + lock_file, O_RDONLY);
  if (!file && file.error() == errc::not_found)
    return made;
  if (!file)
    return unexpected(refusal(file.error(), path + "/" + lock_file));
  made->lock_ = *std::move(file);
  if (auto failure = made->take_lock(); failure.code != errc::none)
    return unexpected(std::move(failure));
  return made;
}

/// Before anything is touched: somebody else's files stay as they are.
open_error store_directory::check_contents(bool create_if_missing) const {
  const auto entries = list_directory(path_);
  if (!entries)
    return refusal(entries.error(), path_);
  const auto has_layout
    = std::ranges::any_of(*entries, [](const directory_entry& entry) {
        return entry.name == layout_file;
      });
  if (has_layout)
    return {};
  const auto other = std::ranges::find_if_not(
    *entries, is_own_file, &directory_entry::name);
  if (other == entries->end())
    return create_if_missing ? open_error() : refusal(errc::not_found, path_);
  return refusal(errc::not_a_store, path_,
                 "there is " + other->name + " but no "
                   + std::string(layout_file));
}

/// A lock of the open file, not of the process: it also keeps this process
/// from opening a store twice, and closing another descriptor of the file
/// does not drop it.
open_error store_directory::lock() {
  auto file = open_file(path_ + "/" + lock_file, O_RDWR | O_CREAT);
  if (!file)
    return refusal(file.error(), path_,
                   std::string(lock_file) + " cannot be written");
  lock_ = *std::move(file);
  return take_lock();
}

open_error store_directory::take_lock() {
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0)
    return {};
  if (errno != EWOULDBLOCK)
    return refusal(errc_of(errno), path_, "it cannot be locked");
  const auto process = process_in(lock_);
  return refusal(errc::in_use, path_,
                 process.empty() ? process : "by process " + process);
}

open_error store_directory::read_layout() {
  const auto file = path_ + "/" + layout_file;
  const auto text = read_file(file);
  if (!text && text.error() != errc::not_found)
    return refusal(text.error(), file);
  if (!text) {
    report_.created = true;
    return {};
  }
  std::uint32_t newer = 0;
  auto found = decode_layout(*text, &newer);
  if (!found && found.error() == errc::newer_layout)
    return refusal(errc::newer_layout, path_,
                   "it has layout " + std::to_string(newer)
                     + ", this version knows up to "
                     + std::to_string(layout_version));
  if (!found)
    return refusal(errc::corrupt, path_,
                   std::string(layout_file) + " is not readable");
  said_ = *std::move(found);
  return {};
}

open_error store_directory::audit() {
  const auto boot = current_boot_id();
  auto how = last_end::closed;
  if (said_.state != store_state::closed)
    how = !boot.empty() && boot == said_.boot_id ? last_end::killed
                                                 : last_end::power_lost;
  report_.clean = how == last_end::closed;
  report_.power_lost = how == last_end::power_lost;
  const auto seen = audit_directory(path_, said_, how);
  report_.torn_bytes = seen.torn_bytes;
  if (seen.finding.code != errc::none)
    return refusal(seen.finding.code, path_, seen.finding.message);
  for (const auto& end : seen.to_cut)
    if (const auto why = cut(end); why != errc::none)
      return refusal(why, path_ + "/" + end.file,
                     "its torn end cannot be cut off");
  return {};
}

/// What is cut off is kept beside the log, in case a person wants to see it.
errc store_directory::cut(const torn_end& end) const {
  const auto file = path_ + "/" + end.file;
  const auto bytes = read_file(file);
  if (!bytes)
    return bytes.error();
  if (const auto why = replace_file(path_, "hetzel.torn-" + end.file,
                                    bytes->substr(end.sound_bytes));
      why != errc::none)
    return why;
  const auto log = open_file(file, O_WRONLY);
  if (!log)
    return log.error();
  const auto size = static_cast<off_t>(end.sound_bytes);
  if (::ftruncate(log->get(), size) != 0 || ::fsync(log->get()) != 0)
    return errc_of(errno);
  return errc::none;
}

// -- what it says about itself ------------------------------------------------

errc store_directory::mark_open() {
  const auto process = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock_.get(), 0) != 0
      || ::pwrite(lock_.get(), process.data(), process.size(), 0) < 0)
    return errc_of(errno);
  said_before_ = said_;
  return say({layout_version, store_state::open, current_boot_id(), {}});
}

errc store_directory::unmark_open() {
  return say(said_before_);
}

errc store_directory::mark_closed() {
  const auto entries = list_directory(path_);
  if (!entries)
    return entries.error();
  layout closed{layout_version, store_state::closed, current_boot_id(), {}};
  for (const auto& entry : *entries) {
    if (!is_engine_file(entry.name))
      continue;
    const auto file = open_file(path_ + "/" + entry.name, O_RDONLY);
    if (!file)
      return file.error();
    if (::fsync(file->get()) != 0)
      return errc_of(errno);
    closed.files.push_back(entry);
  }
  return say(std::move(closed));
}

errc store_directory::say(layout what) {
  const auto why = replace_file(path_, layout_file, encode(what));
  if (why == errc::none)
    said_ = std::move(what);
  return why;
}

// -- size ---------------------------------------------------------------------

errc store_directory::try_room() const {
  constexpr std::uint64_t spare = std::uint64_t{256} << 10;
  const auto entries = list_directory(path_);
  if (!entries)
    return entries.error();
  auto needed = spare;
  for (const auto& entry : *entries)
    if (entry.name.ends_with(".log"))
      needed += entry.size;
  const auto path = path_ + "/hetzel.room";
  const auto file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file)
    return file.error();
  const int number
    = ::posix_fallocate(file->get(), 0, static_cast<off_t>(needed));
  ::unlink(path.c_str());
  return errc_of(number);
}

std::uint64_t store_directory::size_bytes() const {
  const auto entries = list_directory(path_);
  if (!entries)
    return 0;
  return std::accumulate(entries->begin(), entries->end(), std::uint64_t{0},
                         [](std::uint64_t sum, const directory_entry& entry) {
                           return sum + entry.size;
                         });
}

} // namespace hetzel::persistence
