#pragma once

#include <cstdint>

namespace hetzel::persistence {

enum class durability : std::uint8_t;
enum class errc : std::uint8_t;

class cursor;
class key_value_store;
class leveldb_store;
class memory_store;
class overlay;
class reader;
class write_batch;

struct open_error;
struct store_options;

} // namespace hetzel::persistence
