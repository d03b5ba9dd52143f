#include "plugins/files/text_file.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hetzel::plugins {

namespace {

namespace fs = std::filesystem;

constexpr mode_t owner_only = 0600;
constexpr mode_t not_for_everybody = 0770;

std::string failure(const fs::path& path, const char* doing) {
  return path.string() + ": cannot " + doing + ": "
         + std::generic_category().message(errno);
}

/// An open descriptor; closes it.
class descriptor {
public:
  explicit descriptor(int number) noexcept : number_(number) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() { close(); }

  [[nodiscard]] int get() const noexcept { return number_; }

  /// False: what was written may not be there.
  bool close() noexcept {
    const auto number = std::exchange(number_, -1);
    return number < 0 || ::close(number) == 0;
  }

private:
  int number_;
};

/// False: errno says why.
bool read_all(int from, std::string& text) {
  constexpr std::size_t step = 64U << 10U;
  while (text.size() <= text_file_size_max) {
    const auto size = text.size();
    text.resize(size + step);
    const auto count = ::read(from, text.data() + size, step);
    text.resize(size + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count == 0 || (count < 0 && errno != EINTR))
      return count == 0;
  }
  errno = EFBIG;
  return false;
}

bool write_all(int to, mqtt::bytes_view text) noexcept {
  while (!text.empty()) {
    const auto count = ::write(to, text.data(), text.size());
    if (count < 0 && errno != EINTR)
      return false;
    if (count > 0)
      text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

/// Owner before mode: nobody shall read it in between.
bool take_after(const fs::path& old_file, int fresh) noexcept {
  struct stat old_state{};
  if (::stat(old_file.c_str(), &old_state) != 0)
    return ::fchmod(fresh, owner_only) == 0;
  // Only root can give a file away; who else replaces it has it then.
  (void) !::fchown(fresh, old_state.st_uid, old_state.st_gid);
  return ::fchmod(fresh, old_state.st_mode & not_for_everybody) == 0;
}

/// The rename itself must reach the disk.
void sync_folder_of(const fs::path& path) noexcept {
  const descriptor folder{
    ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder.get() >= 0)
    (void) ::fsync(folder.get());
}

fs::path target_of(const fs::path& path) {
  std::error_code failed;
  const auto real = fs::canonical(path, failed);
  return failed ? fs::absolute(path) : real;
}

bool fill(const fs::path& target, int fresh, mqtt::bytes_view text) noexcept {
  return take_after(target, fresh) && write_all(fresh, text)
         && ::fsync(fresh) == 0;
}

} // namespace

mqtt::expected<std::string, std::string>
read_text_file(const fs::path& path) {
  const descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.get() < 0)
    return mqtt::unexpected(failure(path, "open"));
  std::string text;
  if (!read_all(file.get(), text))
    return mqtt::unexpected(failure(path, "read"));
  return text;
}

std::optional<file_stamp> stamp_of(const fs::path& path) noexcept {
  constexpr std::int64_t nanoseconds = 1'000'000'000;
  struct stat state{};
  if (::stat(path.c_str(), &state) != 0)
    return std::nullopt;
  return file_stamp{state.st_dev, state.st_ino,
                    static_cast<std::uint64_t>(state.st_size),
                    state.st_mtim.tv_sec * nanoseconds
                      + state.st_mtim.tv_nsec};
}

mqtt::expected<void, std::string> replace_text_file(const fs::path& path,
                                                    mqtt::bytes_view text) {
  const auto target = target_of(path);
  auto name = target.string() + ".XXXXXX";
  descriptor fresh{::mkostemp(name.data(), O_CLOEXEC)};
  if (fresh.get() < 0)
    return mqtt::unexpected(failure(path, "write"));
  if (!fill(target, fresh.get(), text) || !fresh.close()
      || ::rename(name.c_str(), target.c_str()) != 0) {
    auto why = failure(path, "write");
    (void) ::unlink(name.c_str());
    return mqtt::unexpected(std::move(why));
  }
  sync_folder_of(target);
  return {};
}

} // namespace hetzel::plugins
