#pragma once

#include "persistence/leveldb_store.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

/// Looks into the directory of a closed store, and does harm to it.

namespace hetzel::test {

/// Many small tables, whose bytes are as they were put.
[[nodiscard]] persistence::store_options small_tables();

/// Records in order, of some hundred bytes each.
[[nodiscard]] std::string key_of(int number);
[[nodiscard]] std::string value_of(int number);

/// Opens a store that must open; `why` when it does not ends the test.
[[nodiscard]] std::unique_ptr<persistence::leveldb_store>
open_store(const std::string& path,
           const persistence::store_options& options = {});

/// The refusal of a store that must not open.
[[nodiscard]] persistence::open_error
refused(const std::string& path,
        const persistence::store_options& options = {});

/// One record, that must be taken.
void put(persistence::key_value_store& store, const std::string& key,
         const std::string& value,
         persistence::durability level = persistence::durability::written);

/// The value, or the answer in angle brackets: "<none>", "<corrupt>".
[[nodiscard]] std::string get(const persistence::reader& from,
                              const std::string& key);

/// "key=value" of each, and the status in brackets when it is an error.
[[nodiscard]] std::vector<std::string>
records_of(const persistence::reader& from, const std::string& first = "",
           const std::string& behind_last = "");

/// The same from the last to the first.
[[nodiscard]] std::vector<std::string>
records_back(const persistence::reader& from, const std::string& first = "",
             const std::string& behind_last = "");

/// Names of the files that end or begin so, in order.
[[nodiscard]] std::vector<std::string> files(const std::string& directory,
                                             const std::string& part);

/// All files with their bytes, but for the lock.
[[nodiscard]] std::map<std::string, std::string>
contents(const std::string& directory);

[[nodiscard]] std::string slurp(const std::string& file);
void spill(const std::string& file, const std::string& bytes);
void flip_bit(const std::string& file, std::size_t byte);
void cut_off(const std::string& file, std::size_t bytes);

/// Where `what` stands in the file; it must.
[[nodiscard]] std::size_t find_in(const std::string& file,
                                  const std::string& what);

/// As if the process that had the store open was killed, or the machine lost
/// power: `boot` is the run of the machine that the store names then.
void forget_closing(const std::string& directory);
void pretend_power_loss(const std::string& directory);

} // namespace hetzel::test
