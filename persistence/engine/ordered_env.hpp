#pragma once

#include <leveldb/env.h>

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace hetzel::persistence {

/// The files of LevelDB with two promises added that LevelDB relies on without
/// having them:
///
/// - A file that failed once fails from then on. LevelDB goes on writing to a
///   log behind the half of a record, where no reader finds it; batches would
///   be acknowledged and gone at the next start.
/// - Syncing a log syncs the logs before it. LevelDB closes a full log without
///   syncing it, so that a synced batch in the next one could survive what an
///   earlier batch does not.
///
/// Thread-safe. Must outlive the database that uses it; `below` must live as
/// long.
class ordered_env final : public leveldb::EnvWrapper {
public:
  explicit ordered_env(leveldb::Env* below = leveldb::Env::Default());
  ~ordered_env() override;

  leveldb::Status NewWritableFile(const std::string& path,
                                  leveldb::WritableFile** out) override;
  leveldb::Status RemoveFile(const std::string& path) override;

private:
  class file;

  void keep(const std::string& path,
            std::unique_ptr<leveldb::WritableFile> unsynced);
  leveldb::Status sync_kept();

  // Logs that were closed without having been synced, oldest first.
  std::mutex mutex_;
  std::vector<
    std::pair<std::string, std::unique_ptr<leveldb::WritableFile>>> kept_;
};

} // namespace hetzel::persistence
