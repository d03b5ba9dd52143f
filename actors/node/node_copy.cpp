#include "actors/node/node_copy.hpp"

#include "actors/messaging/storage/message_disk.hpp"
#include "actors/node/directory_layout.hpp"
#include "cluster/metadata/metadata.hpp"
#include "cluster/metadata/store_identity.hpp"
#include "persistence/leveldb_store.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <sys/stat.h>

namespace hetzel::node {

namespace {

namespace fs = std::filesystem;
using sentence = mqtt::unexpected<std::string>;

bool is_within(const fs::path& path, const fs::path& folder) {
  const auto [rest, ignored] = std::mismatch(folder.begin(), folder.end(),
                                             path.begin(), path.end());
  return rest == folder.end();
}

/// What is wrong with the place; empty: nothing.
std::string fault_of(const fs::path& to, const fs::path& data_dir) {
  std::error_code error;
  if (to.filename().empty() || to.filename() == "." || to.filename() == "..")
    return "it has no name";
  if (!fs::is_directory(to.parent_path(), error))
    return "there is no directory " + to.parent_path().string();
  if (fs::exists(fs::symlink_status(to, error)))
    return "it exists already";
  const auto folder = fs::canonical(to.parent_path(), error);
  const auto home = fs::weakly_canonical(data_dir, error);
  if (is_within(folder, home))
    return "it is in the data directory itself";
  return {};
}

/// Of the node's own user alone, as what it copies.
bool make_folder(const fs::path& path) noexcept {
  return ::mkdir(path.c_str(), S_IRWXU) == 0;
}

} // namespace

mqtt::expected<std::unique_ptr<node_copy>, std::string>
node_copy::begin(cluster::metadata& metadata,
                 messaging::message_disk& messages, const fs::path& data_dir,
                 const fs::path& to) {
  if (const auto fault = fault_of(to, data_dir); !fault.empty())
    return sentence{to.string() + ": " + fault};
  std::unique_ptr<node_copy> made{new node_copy{to}};
  if (const auto fault = made->make_folders(); !fault.empty())
    return sentence{fault};
  made->take_snapshots(metadata, messages);
  return made;
}

node_copy::node_copy(fs::path to)
  : to_(std::move(to)), growing_(to_.string() + ".copying") {}

node_copy::~node_copy() {
  give_up();
}

/// A rest that a crash left is replaced.
std::string node_copy::make_folders() const {
  std::error_code error;
  fs::remove_all(growing_, error);
  if (make_folder(growing_) && make_folder(messages_folder(growing_)))
    return {};
  return growing_.string() + ": " + std::strerror(errno);
}

void node_copy::take_snapshots(cluster::metadata& metadata,
                               messaging::message_disk& messages) {
  const auto still = messages.hold_still();
  parts_.push_back(
    {metadata.store().snapshot(), metadata_folder(growing_), {}});
  for (std::size_t i = 0; i < messages.shard_count(); ++i)
    parts_.push_back({messages.records(i).snapshot(),
                      message_shard_folder(growing_, i),
                      persistence::message_shard_options()});
}

persistence::checkpoint_report node_copy::report() const noexcept {
  auto sum = before_;
  if (under_way_) {
    sum.records += under_way_->report().records;
    sum.record_bytes += under_way_->report().record_bytes;
  }
  return sum;
}

mqtt::expected<bool, std::string> node_copy::step() {
  auto done = done_ < parts_.size() ? step_of(parts_[done_]) : complete();
  if (!done)
    give_up();
  return done;
}

/// False: there is more to do, here or elsewhere.
mqtt::expected<bool, std::string> node_copy::step_of(part& one) {
  if (!under_way_) {
    auto begun = persistence::checkpoint_copy::begin(
      std::move(one.from), one.to.string(), one.options);
    if (!begun)
      return sentence{std::move(begun).error().message};
    under_way_ = *std::move(begun);
  }
  const auto done = under_way_->step();
  if (!done)
    return sentence{done.error().message};
  if (*done) {
    before_ = report();
    under_way_.reset();
    ++done_;
  }
  return false;
}

mqtt::expected<bool, std::string> node_copy::complete() {
  if (const auto fault = mark(); !fault.empty())
    return sentence{fault};
  if (const auto code = persistence::publish(growing_.string(), to_.string());
      code != persistence::errc::none)
    return sentence{to_.string() + ": "
                    + std::string{persistence::sentence(code)}};
  return true;
}

/// The metadata of the copy counts its own events.
std::string node_copy::mark() const {
  const auto path = metadata_folder(growing_).string();
  const auto copy = persistence::leveldb_store::open(path);
  if (!copy)
    return copy.error().message;
  const auto code = cluster::mark_as_copy(**copy);
  return code == persistence::errc::none
           ? std::string{}
           : path + ": " + std::string{persistence::sentence(code)};
}

void node_copy::give_up() noexcept {
  under_way_.reset();
  parts_.clear();
  done_ = 0;
  std::error_code ignored;
  fs::remove_all(growing_, ignored);
}

} // namespace hetzel::node
