#include "persistence/engine/audit.hpp"

#include "persistence/engine/log_format.hpp"
#include "persistence/engine/manifest.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>

namespace hetzel::persistence {

namespace {

std::string numbered(std::uint64_t number, const char* suffix) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%06llu%s",
                static_cast<unsigned long long>(number), suffix);
  return text.data();
}

/// The number of a log's name, or nothing for other files.
std::optional<std::uint64_t> log_number_of(std::string_view name) {
  if (!name.ends_with(".log") || !is_engine_file(name))
    return std::nullopt;
  std::uint64_t number = 0;
  std::from_chars(name.data(), name.data() + name.size(), number);
  return number;
}

class auditor {
public:
  auditor(const std::string& directory, const layout& said, last_end how)
    : directory_(directory), said_(said), how_(how) {}

  directory_audit run() {
    [[maybe_unused]] const bool sound
      = check_listing() && check_closed_sizes() && check_manifest()
        && check_tables() && check_logs();
    return std::move(audit_);
  }

private:
  bool fail(errc code, const std::string& file, const std::string& what) {
    audit_.finding = {code, directory_ + "/" + file + " " + what};
    return false;
  }

  bool damaged(const std::string& file, const std::string& what) {
    return fail(errc::corrupt, file, what);
  }

  [[nodiscard]] const directory_entry* find(std::string_view name) const {
    const auto found
      = std::ranges::lower_bound(entries_, name, {}, &directory_entry::name);
    return found != entries_.end() && found->name == name ? &*found : nullptr;
  }

  bool check_listing() {
    auto entries = list_directory(directory_);
    if (!entries)
      return fail(entries.error(), "", "cannot be listed");
    entries_ = *std::move(entries);
    return true;
  }

  bool check_size(const std::string& name, std::uint64_t size) {
    const auto found = find(name);
    if (found == nullptr)
      return damaged(name, "is missing");
    if (found->size != size)
      return damaged(name, "has " + std::to_string(found->size) + " bytes of "
                             + std::to_string(size));
    return true;
  }

  bool check_closed_sizes() {
    return std::ranges::all_of(said_.files, [this](const auto& file) {
      return check_size(file.name, file.size);
    });
  }

  /// The bytes of a log with a sound beginning; its end, if a crash explains
  /// it, goes into the report.
  std::optional<std::string> read_log(const std::string& name) {
    auto bytes = read_file(directory_ + "/" + name);
    if (!bytes) {
      fail(bytes.error(), name, "cannot be read");
      return std::nullopt;
    }
    const auto seen = audit_log(*bytes);
    const auto torn = bytes->size() - seen.sound_bytes;
    const auto where = std::to_string(seen.sound_bytes);
    switch (seen.ending) {
      case log_ending::whole:
        return *std::move(bytes);
      case log_ending::damaged:
        damaged(name, "is damaged behind byte " + where);
        return std::nullopt;
      case log_ending::scrambled:
        if (how_ != last_end::power_lost) {
          damaged(name, "is damaged behind byte " + where);
          return std::nullopt;
        }
        audit_.to_cut.push_back({name, seen.sound_bytes, torn});
        break;
      case log_ending::cut_short:
        break;
    }
    audit_.torn_bytes += torn;
    bytes->resize(seen.sound_bytes);
    return *std::move(bytes);
  }

  bool check_manifest() {
    const auto current = read_file(directory_ + "/CURRENT");
    if (!current)
      return current.error() == errc::not_found
               ? damaged("CURRENT", "is missing")
               : fail(current.error(), "CURRENT", "cannot be read");
    const auto name = current->substr(0, current->find('\n'));
    if (!name.starts_with("MANIFEST-") || current->size() != name.size() + 1)
      return damaged("CURRENT", "does not name a manifest");
    if (find(name) == nullptr)
      return damaged(name, "is missing");
    const auto bytes = read_log(name);
    if (!bytes)
      return false;
    if (bytes->empty())
      return damaged(name, "holds nothing");
    log_walk edits(*bytes);
    while (const auto edit = edits.next())
      if (apply_edit(*edit, manifest_) != errc::none)
        return damaged(name, "holds an edit that is none");
    // All three are there from the first start on.
    if (manifest_.log_number == 0 || !manifest_.has_next_file
        || !manifest_.has_last_sequence)
      return damaged(name, "lost its end");
    return true;
  }

  bool check_tables() {
    for (const auto& [number, size] : manifest_.tables) {
      // LevelDB reads a table by its old suffix as well.
      const auto old = numbered(number, ".sst");
      const auto name = find(old) != nullptr ? old : numbered(number, ".ldb");
      if (!check_size(name, size))
        return false;
    }
    return true;
  }

  /// A manifest that lost its end names a log that is done with and gone;
  /// LevelDB would then remove the tables it does not know.
  bool check_logs() {
    const auto first = numbered(manifest_.log_number, ".log");
    if (find(first) == nullptr)
      return damaged(first, "is missing, or the manifest lost its end");
    for (const auto& entry : entries_) {
      const auto number = log_number_of(entry.name);
      if (number
          && (*number >= manifest_.log_number
              || *number == manifest_.previous_log)
          && !read_log(entry.name))
        return false;
    }
    return true;
  }

  const std::string& directory_;
  const layout& said_;
  last_end how_;
  std::vector<directory_entry> entries_;
  manifest manifest_;
  directory_audit audit_;
};

} // namespace

directory_audit audit_directory(const std::string& directory,
                                const layout& said, last_end how) {
  return auditor(directory, said, how).run();
}

} // namespace hetzel::persistence
