#include "persistence/engine/ordered_env.hpp"

#include <algorithm>

namespace hetzel::persistence {

using leveldb::Slice;
using leveldb::Status;

class ordered_env::file final : public leveldb::WritableFile {
public:
  file(ordered_env& env, std::string path,
       std::unique_ptr<leveldb::WritableFile> below)
    : env_(env),
      path_(std::move(path)),
      below_(std::move(below)),
      is_log_(path_.ends_with(".log")) {}

  ~file() override {
    if (is_log_ && dirty_ && failure_.ok())
      env_.keep(path_, std::move(below_));
  }

  Status Append(const Slice& bytes) override {
    dirty_ = true;
    return once([&] { return below_->Append(bytes); });
  }

  Status Flush() override {
    return once([&] { return below_->Flush(); });
  }

  Status Sync() override {
    return once([&] {
      auto status = is_log_ ? env_.sync_kept() : Status::OK();
      if (status.ok())
        status = below_->Sync();
      if (status.ok())
        dirty_ = false;
      return status;
    });
  }

  Status Close() override {
    return once([&] { return below_->Close(); });
  }

private:
  template <class Call>
  Status once(Call call) {
    if (failure_.ok())
      failure_ = call();
    return failure_;
  }

  ordered_env& env_;
  std::string path_;
  std::unique_ptr<leveldb::WritableFile> below_;
  Status failure_;
  bool is_log_;
  bool dirty_ = false;
};

ordered_env::ordered_env(leveldb::Env* below) : EnvWrapper(below) {}

ordered_env::~ordered_env() = default;

Status ordered_env::NewWritableFile(const std::string& path,
                                    leveldb::WritableFile** out) {
  leveldb::WritableFile* made = nullptr;
  auto status = target()->NewWritableFile(path, &made);
  std::unique_ptr<leveldb::WritableFile> below(made);
  *out = status.ok() ? new file(*this, path, std::move(below)) : nullptr;
  return status;
}

Status ordered_env::RemoveFile(const std::string& path) {
  {
    // A log goes when its records are in synced tables.
    const std::lock_guard guard(mutex_);
    std::erase_if(kept_, [&](const auto& log) { return log.first == path; });
  }
  return target()->RemoveFile(path);
}

void ordered_env::keep(const std::string& path,
                       std::unique_ptr<leveldb::WritableFile> unsynced) {
  const std::lock_guard guard(mutex_);
  kept_.emplace_back(path, std::move(unsynced));
}

Status ordered_env::sync_kept() {
  const std::lock_guard guard(mutex_);
  while (!kept_.empty()) {
    if (auto status = kept_.front().second->Sync(); !status.ok())
      return status;
    kept_.erase(kept_.begin());
  }
  return Status::OK();
}

} // namespace hetzel::persistence
