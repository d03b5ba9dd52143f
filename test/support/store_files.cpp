#include "test/support/store_files.hpp"

#include "persistence/engine/layout.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace hetzel::test {

using namespace hetzel::persistence;
namespace fs = std::filesystem;

store_options small_tables() {
  store_options options;
  options.write_buffer_bytes = 1;
  options.compression = false;
  return options;
}

std::string key_of(int number) {
  return "key-" + std::to_string(1000 + number);
}

std::string value_of(int number) {
  return "value-" + std::to_string(number) + std::string(400, 'v');
}

std::unique_ptr<leveldb_store> open_store(const std::string& path,
                                          const store_options& options) {
  auto opened = leveldb_store::open(path, options);
  if (!opened)
    FAIL(opened.error().message);
  return *std::move(opened);
}

open_error refused(const std::string& path, const store_options& options) {
  auto opened = leveldb_store::open(path, options);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().message.find('\n') == std::string::npos);
  CHECK(opened.error().message.starts_with(path));
  return opened.error();
}

void put(key_value_store& store, const std::string& key,
         const std::string& value, durability level) {
  write_batch batch;
  batch.put(key, value);
  REQUIRE(store.write(batch, level) == errc::none);
}

std::string get(const reader& from, const std::string& key) {
  auto found = from.get(key);
  if (!found)
    return "<" + std::string(name(found.error())) + ">";
  return found->value_or("<none>");
}

namespace {

std::vector<std::string> records_along(cursor& at) {
  std::vector<std::string> seen;
  for (; at.valid(); at.next())
    seen.push_back(std::string(at.key()) + "=" + std::string(at.value()));
  if (at.status() != errc::none)
    seen.push_back("<" + std::string(name(at.status())) + ">");
  return seen;
}

} // namespace

std::vector<std::string> records_of(const reader& from,
                                    const std::string& first,
                                    const std::string& behind_last) {
  return records_along(*from.scan(first, behind_last));
}

std::vector<std::string> records_back(const reader& from,
                                      const std::string& first,
                                      const std::string& behind_last) {
  return records_along(*from.scan_back(first, behind_last));
}

std::vector<std::string> files(const std::string& directory,
                               const std::string& part) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    const auto file = entry.path().filename().string();
    if (file.starts_with(part) || file.ends_with(part))
      names.push_back(file);
  }
  std::ranges::sort(names);
  return names;
}

std::map<std::string, std::string> contents(const std::string& directory) {
  std::map<std::string, std::string> all;
  for (const auto& file : files(directory, ""))
    if (file != lock_file && fs::is_regular_file(directory + "/" + file))
      all[file] = slurp(directory + "/" + file);
  return all;
}

std::string slurp(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  REQUIRE(in.good());
  return {std::istreambuf_iterator<char>(in), {}};
}

void spill(const std::string& file, const std::string& bytes) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << bytes;
  out.close();
  REQUIRE(out.good());
}

void flip_bit(const std::string& file, std::size_t byte) {
  auto bytes = slurp(file);
  REQUIRE(byte < bytes.size());
  bytes[byte] = static_cast<char>(static_cast<unsigned char>(bytes[byte]) ^ 8U);
  spill(file, bytes);
}

void cut_off(const std::string& file, std::size_t bytes) {
  const auto size = fs::file_size(file);
  REQUIRE(bytes <= size);
  fs::resize_file(file, size - bytes);
}

std::size_t find_in(const std::string& file, const std::string& what) {
  const auto at = slurp(file).find(what);
  REQUIRE(at != std::string::npos);
  return at;
}

namespace {

void say_open(const std::string& directory, const std::string& boot) {
  const layout open{layout_version, store_state::open, boot, {}};
  spill(directory + "/" + layout_file, encode(open));
}

} // namespace

void forget_closing(const std::string& directory) {
  say_open(directory, current_boot_id());
}

void pretend_power_loss(const std::string& directory) {
  say_open(directory, "another-run");
}

} // namespace hetzel::test
