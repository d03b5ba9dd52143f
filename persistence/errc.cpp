#include "persistence/errc.hpp"

namespace hetzel::persistence {

std::string_view sentence(errc code) noexcept {
  switch (code) {
    case errc::none:
      return "no error";
    case errc::io_error:
      return "the operating system could not read or write a file";
    case errc::disk_full:
      return "there is no room left on the disk";
    case errc::corrupt:
      return "the store is damaged";
    case errc::newer_layout:
      return "the store was written by a later version";
    case errc::in_use:
      return "the store is open already";
    case errc::not_a_directory:
      return "the path leads through a file";
    case errc::not_a_store:
      return "the directory holds something that is not a store";
    case errc::not_found:
      return "there is no store";
    case errc::permission_denied:
      return "this user may not read and write there";
    case errc::too_many_files:
      return "too many files are open";
    case errc::wrong_shard:
      return "the store belongs to another shard, or there were more or fewer "
             "shards";
  }
  return "unknown error";
}

std::string_view name(errc code) noexcept {
  switch (code) {
    case errc::none:
      return "none";
    case errc::io_error:
      return "io_error";
    case errc::disk_full:
      return "disk_full";
    case errc::corrupt:
      return "corrupt";
    case errc::newer_layout:
      return "newer_layout";
    case errc::in_use:
      return "in_use";
    case errc::not_a_directory:
      return "not_a_directory";
    case errc::not_a_store:
      return "not_a_store";
    case errc::not_found:
      return "not_found";
    case errc::permission_denied:
      return "permission_denied";
    case errc::too_many_files:
      return "too_many_files";
    case errc::wrong_shard:
      return "wrong_shard";
  }
  return "unknown";
}

} // namespace hetzel::persistence
