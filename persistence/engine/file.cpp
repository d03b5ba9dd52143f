#include "persistence/engine/file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hetzel::persistence {

namespace fs = std::filesystem;

errc errc_of(int error_number) noexcept {
  switch (error_number) {
    case 0:
      return errc::none;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return errc::disk_full;
    case EACCES:
    case EPERM:
    case EROFS:
      return errc::permission_denied;
    case ENOTDIR:
      return errc::not_a_directory;
    case ENOENT:
      return errc::not_found;
    case EMFILE:
    case ENFILE:
      return errc::too_many_files;
    default:
      return errc::io_error;
  }
}

file_handle::file_handle(file_handle&& other) noexcept
  : descriptor_(std::exchange(other.descriptor_, -1)) {}

file_handle& file_handle::operator=(file_handle&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

file_handle::~file_handle() {
  if (is_open())
    ::close(descriptor_);
}

expected<file_handle, errc> open_file(const std::string& path, int flags) {
  constexpr mode_t owner_and_group = 0640;
  const int descriptor
    = ::open(path.c_str(), flags | O_CLOEXEC, owner_and_group);
  if (descriptor < 0)
    return unexpected(errc_of(errno));
  return file_handle(descriptor);
}

expected<std::string, errc> read_file(const std::string& path) {
  const auto file = open_file(path, O_RDONLY);
  if (!file)
    return unexpected(file.error());
  std::string bytes;
  std::array<char, 65536> piece{};
  for (;;) {
    const auto got = ::read(file->get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return unexpected(errc_of(errno));
    if (got == 0)
      return bytes;
    bytes.append(piece.data(), static_cast<std::size_t>(got));
  }
}

errc write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto put = ::write(descriptor, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR)
      continue;
    if (put < 0)
      return errc_of(errno);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return errc::none;
}

namespace {

errc write_file(const std::string& path, int flags, std::string_view bytes) {
  const auto file = open_file(path, O_WRONLY | O_CREAT | flags);
  if (!file)
    return file.error();
  if (const auto why = write_all(file->get(), bytes); why != errc::none)
    return why;
  return ::fsync(file->get()) == 0 ? errc::none : errc_of(errno);
}

} // namespace

errc write_new_file(const std::string& path, std::string_view bytes) {
  return write_file(path, O_EXCL, bytes);
}

errc replace_file(const std::string& directory, const std::string& file,
                  std::string_view bytes) {
  const auto path = directory + "/" + file;
  const auto fresh = path + ".new";
  if (const auto why = write_file(fresh, O_TRUNC, bytes); why != errc::none) {
    ::unlink(fresh.c_str());
    return why;
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0)
    return errc_of(errno);
  return sync_directory(directory);
}

errc sync_directory(const std::string& path) {
  const auto directory = open_file(path, O_RDONLY | O_DIRECTORY);
  if (!directory)
    return directory.error();
  return ::fsync(directory->get()) == 0 ? errc::none : errc_of(errno);
}

expected<std::vector<directory_entry>, errc>
list_directory(const std::string& path) {
  std::error_code failure;
  std::vector<directory_entry> entries;
  fs::directory_iterator it(path, failure);
  while (!failure && it != fs::directory_iterator()) {
    directory_entry entry{it->path().filename().string(), 0};
    std::error_code gone;
    if (it->is_regular_file(gone) && !gone) {
      const auto size = it->file_size(gone);
      entry.size = gone ? 0 : size;
    }
    entries.push_back(std::move(entry));
    it.increment(failure);
  }
  if (failure)
    return unexpected(errc_of(failure.value()));
  std::ranges::sort(entries, {}, &directory_entry::name);
  return entries;
}

errc make_directories(const std::string& path) {
  std::error_code failure;
  const bool made = fs::create_directories(path, failure);
  if (failure)
    return errc_of(failure.value());
  if (!fs::is_directory(path, failure))
    return failure ? errc_of(failure.value()) : errc::not_a_directory;
  if (made)
    fs::permissions(path, fs::perms::owner_all | fs::perms::group_read
                            | fs::perms::group_exec,
                    failure);
  return errc_of(failure.value());
}

} // namespace hetzel::persistence
