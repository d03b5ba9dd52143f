#pragma once

#include "persistence/errc.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Little POSIX calls with `errc` answers, for the files that stand beside
/// LevelDB's own.

namespace hetzel::persistence {

/// What an `errno` means to a store.
[[nodiscard]] errc errc_of(int error_number) noexcept;

/// An open file, closed at the end.
class file_handle {
public:
  file_handle() = default;
  explicit file_handle(int descriptor) noexcept : descriptor_(descriptor) {}
  file_handle(file_handle&& other) noexcept;
  file_handle& operator=(file_handle&& other) noexcept;
  ~file_handle();

  [[nodiscard]] int get() const noexcept { return descriptor_; }
  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }

private:
  int descriptor_ = -1;
};

struct directory_entry {
  std::string name;
  std::uint64_t size = 0;

  bool operator==(const directory_entry&) const = default;
};

/// `flags` of open(2); O_CLOEXEC is added, new files belong to owner and group.
[[nodiscard]] expected<file_handle, errc> open_file(const std::string& path,
                                                    int flags);

[[nodiscard]] expected<std::string, errc> read_file(const std::string& path);

[[nodiscard]] errc write_all(int descriptor, std::string_view bytes);

/// Writes a file that did not exist, and syncs it.
[[nodiscard]] errc write_new_file(const std::string& path,
                                  std::string_view bytes);

/// A file has its old bytes or these, whenever power fails: writes `path`.new,
/// syncs, renames, syncs the directory.
[[nodiscard]] errc replace_file(const std::string& directory,
                                const std::string& file,
                                std::string_view bytes);

[[nodiscard]] errc sync_directory(const std::string& path);

/// The regular files and everything else of a directory, by name; the size of
/// what is no regular file is zero.
[[nodiscard]] expected<std::vector<directory_entry>, errc>
list_directory(const std::string& path);

/// Makes a directory and those above it; one that is there is fine.
[[nodiscard]] errc make_directories(const std::string& path);

} // namespace hetzel::persistence
