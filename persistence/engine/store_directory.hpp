#pragma once

#include "persistence/engine/audit.hpp"
#include "persistence/engine/file.hpp"
#include "persistence/engine/layout.hpp"
#include "persistence/errc.hpp"
#include "persistence/store_options.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace hetzel::persistence {

/// "<path>: <what is wrong>; <what to do>", one line.
[[nodiscard]] open_error refusal(errc code, const std::string& path,
                                 const std::string& detail = {});

/// The directory of a store, locked for this process: what it says about
/// itself, and whether LevelDB may be let at it.
class store_directory {
public:
  /// Makes the directory if that is wanted, locks it, reads what it is and
  /// audits it. A directory that is refused is left as it was.
  [[nodiscard]] static expected<std::shared_ptr<store_directory>, open_error>
  open(const std::string& path, bool create_if_missing);

  /// The same for a directory that is not to be opened, only read: locks what
  /// is there and looks no further. For `repair`.
  [[nodiscard]] static expected<std::shared_ptr<store_directory>, open_error>
  lock_for_repair(const std::string& path);

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] const open_report& report() const noexcept { return report_; }

  /// Whether the database is still to be made.
  [[nodiscard]] bool is_fresh() const noexcept {
    return said_.state == store_state::fresh;
  }

  /// Says that the store is in use. After this nothing is ever made anew here.
  [[nodiscard]] errc mark_open();

  /// Says again what was said before `mark_open`: LevelDB refused.
  [[nodiscard]] errc unmark_open();

  /// Syncs every file and says that the store was closed in order.
  [[nodiscard]] errc mark_closed();

  /// Whether the disk takes what opening LevelDB again would write: as much as
  /// the logs hold. Tries it out with a file that goes at once.
  [[nodiscard]] errc try_room() const;

  /// Sum of all files.
  [[nodiscard]] std::uint64_t size_bytes() const;

private:
  explicit store_directory(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] open_error prepare(bool create_if_missing);
  [[nodiscard]] open_error check_contents(bool create_if_missing) const;
  [[nodiscard]] open_error lock();
  [[nodiscard]] open_error take_lock();
  [[nodiscard]] open_error read_layout();
  [[nodiscard]] open_error audit();
  [[nodiscard]] errc cut(const torn_end& end) const;
  [[nodiscard]] errc say(layout what);

  std::string path_;
  file_handle lock_;
  layout said_;
  layout said_before_;
  open_report report_;
};

} // namespace hetzel::persistence
