// A disk that can fail and lose power, for a process that is started with this
// in LD_PRELOAD; `faulty_disk.py` is its other half. Below the folder
// FAULTY_DISK_ROOT it
//
// - tells FAULTY_DISK_LOG what is synced and what becomes of names, so that
//   what a power loss would take can be taken when the process is dead:
//     born INODE          a file was made, and is empty
//     sync INODE SIZE     so much of it is on the disk, and so is every change
//                         of names before
//     create PATH
//     unlink PATH GRAVE   what was there has another name in FAULTY_DISK_GRAVES
//     rename PATH TO GRAVE
//   Names are told before they change, since a kill may come between; they are
//   few and have no blanks.
// - fails writes and syncs as FAULTY_DISK_SWITCH says, a file of `fault_switch`
//   that is shared with whoever decides;
// - says for the identity of the machine's start what FAULTY_DISK_BOOT holds.

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

constexpr std::string_view boot_id = "/proc/sys/kernel/random/boot_id";

/// Shared with faulty_disk.py.
struct fault_switch {
  std::atomic<std::int32_t> write_error; ///< an errno; 0: writes succeed
  std::atomic<std::int32_t> sync_error;
  std::atomic<std::int32_t> writes_left; ///< that still succeed
  std::atomic<std::int32_t> failures;    ///< counted
};

template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

std::string variable(const char* name) {
  const char* text = std::getenv(name);
  return text ? text : "";
}

class disk {
public:
  static disk& get() {
    static disk one;
    return one;
  }

  [[nodiscard]] bool has(std::string_view path) const noexcept {
    return !root_.empty() && path.size() > root_.size()
           && path.starts_with(root_) && path[root_.size()] == '/';
  }

  [[nodiscard]] const char* redirected(const char* path) const noexcept {
    return path == boot_id && !boot_.empty() ? boot_.c_str() : path;
  }

  void tell(const std::string& line) const noexcept {
    const auto whole = line + '\n';
    static_cast<void>(
      ::syscall(SYS_write, log_, whole.data(), whole.size()));
  }

  /// A second name for what may have to come back; "-": there was nothing.
  [[nodiscard]] std::string bury(const char* path) noexcept {
    const auto grave = graves_ + "/" + std::to_string(::getpid()) + "-"
                       + std::to_string(++buried_);
    return ::link(path, grave.c_str()) == 0 ? grave : "-";
  }

  void opened(int descriptor, bool is_new) noexcept {
    if (static_cast<std::size_t>(descriptor) >= watched_.size())
      return;
    watched_[static_cast<std::size_t>(descriptor)] = true;
    struct stat seen {};
    if (is_new && ::fstat(descriptor, &seen) == 0)
      tell("born " + std::to_string(seen.st_ino));
  }

  void closed(int descriptor) noexcept {
    if (is_watched(descriptor))
      watched_[static_cast<std::size_t>(descriptor)] = false;
  }

  [[nodiscard]] bool is_watched(int descriptor) const noexcept {
    return descriptor >= 0
           && static_cast<std::size_t>(descriptor) < watched_.size()
           && watched_[static_cast<std::size_t>(descriptor)];
  }

  /// The errno that this write ends with; 0: it goes through.
  [[nodiscard]] int write_fault() noexcept {
    if (!switch_ || switch_->write_error == 0)
      return 0;
    if (switch_->writes_left.fetch_sub(1) > 0)
      return 0;
    ++switch_->failures;
    return switch_->write_error;
  }

  [[nodiscard]] int sync_fault() noexcept {
    if (!switch_ || switch_->sync_error == 0)
      return 0;
    ++switch_->failures;
    return switch_->sync_error;
  }

private:
  disk()
    : root_(variable("FAULTY_DISK_ROOT")),
      graves_(variable("FAULTY_DISK_GRAVES")),
      boot_(variable("FAULTY_DISK_BOOT")) {
    const auto log = variable("FAULTY_DISK_LOG");
    log_ = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, log.c_str(),
                                      O_WRONLY | O_CREAT | O_APPEND
                                        | O_CLOEXEC,
                                      0600));
    map_switch(variable("FAULTY_DISK_SWITCH"));
  }

  void map_switch(const std::string& path) {
    const int file = static_cast<int>(
      ::syscall(SYS_openat, AT_FDCWD, path.c_str(), O_RDWR | O_CLOEXEC));
    if (file < 0)
      return;
    void* place = ::mmap(nullptr, sizeof(fault_switch),
                         PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (place != MAP_FAILED)
      switch_ = static_cast<fault_switch*>(place);
    ::syscall(SYS_close, file);
  }

  std::string root_;
  std::string graves_;
  std::string boot_;
  int log_ = -1;
  fault_switch* switch_ = nullptr;
  std::atomic<unsigned> buried_{0};
  std::array<std::atomic<bool>, 65'536> watched_{};
};

int open_watched(const char* path, int flags, mode_t mode) {
  auto& here = disk::get();
  using function = int (*)(const char*, int, ...);
  static const auto call = real<function>("open");
  if (!here.has(path))
    return call(here.redirected(path), flags, mode);
  const bool is_new = (flags & O_CREAT) != 0 && ::access(path, F_OK) != 0;
  if (is_new)
    here.tell(std::string{"create "} + path);
  const int descriptor = call(path, flags, mode);
  // What is cut to nothing is as good as new.
  if (descriptor >= 0)
    here.opened(descriptor, is_new || (flags & O_TRUNC) != 0);
  return descriptor;
}

int sync_watched(int descriptor, const char* name) {
  using function = int (*)(int);
  auto& here = disk::get();
  const auto call = real<function>(name);
  if (!here.is_watched(descriptor))
    return call(descriptor);
  if (const int fault = here.sync_fault()) {
    errno = fault;
    return -1;
  }
  struct stat before {};
  const bool is_known = ::fstat(descriptor, &before) == 0;
  const int result = call(descriptor);
  if (result == 0 && is_known)
    here.tell("sync " + std::to_string(before.st_ino) + ' '
              + std::to_string(before.st_size));
  return result;
}

} // namespace

// Of the names of glibc that a program may have been linked with; all are one.

extern "C" {

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const auto mode = va_arg(more, mode_t);
  va_end(more);
  return open_watched(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const auto mode = va_arg(more, mode_t);
  va_end(more);
  return open_watched(path, flags, mode);
}

int __open_2(const char* path, int flags) {
  return open_watched(path, flags, 0);
}

int __open64_2(const char* path, int flags) {
  return open_watched(path, flags, 0);
}

int close(int descriptor) {
  using function = int (*)(int);
  static const auto call = real<function>("close");
  disk::get().closed(descriptor);
  return call(descriptor);
}

/// One that fails may have written some of it, as on a disk that gets full.
ssize_t write(int descriptor, const void* bytes, size_t size) {
  using function = ssize_t (*)(int, const void*, size_t);
  static const auto call = real<function>("write");
  auto& here = disk::get();
  if (!here.is_watched(descriptor))
    return call(descriptor, bytes, size);
  const int fault = here.write_fault();
  if (fault == 0)
    return call(descriptor, bytes, size);
  if (size > 1)
    static_cast<void>(call(descriptor, bytes, size / 2));
  errno = fault;
  return -1;
}

int fsync(int descriptor) { return sync_watched(descriptor, "fsync"); }

int fdatasync(int descriptor) { return sync_watched(descriptor, "fdatasync"); }

int unlink(const char* path) {
  using function = int (*)(const char*);
  static const auto call = real<function>("unlink");
  auto& here = disk::get();
  if (here.has(path)) {
    const auto grave = here.bury(path);
    if (grave != "-")
      here.tell(std::string{"unlink "} + path + ' ' + grave);
  }
  return call(path);
}

int rename(const char* path, const char* to) {
  using function = int (*)(const char*, const char*);
  static const auto call = real<function>("rename");
  auto& here = disk::get();
  if (here.has(path))
    here.tell(std::string{"rename "} + path + ' ' + to + ' '
              + here.bury(to));
  return call(path, to);
}

} // extern "C"
