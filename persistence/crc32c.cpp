#include "persistence/crc32c.hpp"

#include <array>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace hetzel::persistence {

namespace {

using table = std::array<std::uint32_t, 256>;

/// tables[k][b]: what byte b does to a checksum k bytes later.
constexpr std::array<table, 4> make_tables() {
  constexpr std::uint32_t polynomial = 0x82f63b78U;
  std::array<table, 4> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1) ^ ((crc & 1U) != 0 ? polynomial : 0U);
    tables[0][byte] = crc;
  }
  for (std::size_t step = 1; step < tables.size(); ++step)
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const auto crc = tables[step - 1][byte];
      tables[step][byte] = (crc >> 8) ^ tables[0][crc & 0xffU];
    }
  return tables;
}

constexpr auto tables = make_tables();

std::uint32_t byte_at(std::string_view bytes, std::size_t at) noexcept {
  return static_cast<unsigned char>(bytes[at]);
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t
crc32c_instruction(std::string_view bytes, std::uint32_t before) noexcept {
  std::uint64_t crc = ~before;
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    crc = _mm_crc32_u64(crc, word);
    bytes.remove_prefix(8);
  }
  auto rest = static_cast<std::uint32_t>(crc);
  for (const char byte : bytes)
    rest = _mm_crc32_u8(rest, static_cast<unsigned char>(byte));
  return ~rest;
}

const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
#endif

} // namespace

std::uint32_t crc32c_portable(std::string_view bytes,
                              std::uint32_t before) noexcept {
  std::uint32_t crc = ~before;
  while (bytes.size() >= 4) {
    crc ^= byte_at(bytes, 0) | byte_at(bytes, 1) << 8 | byte_at(bytes, 2) << 16
           | byte_at(bytes, 3) << 24;
    crc = tables[3][crc & 0xffU] ^ tables[2][(crc >> 8) & 0xffU]
          ^ tables[1][(crc >> 16) & 0xffU] ^ tables[0][crc >> 24];
    bytes.remove_prefix(4);
  }
  for (std::size_t at = 0; at < bytes.size(); ++at)
    crc = (crc >> 8) ^ tables[0][(crc ^ byte_at(bytes, at)) & 0xffU];
  return ~crc;
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) noexcept {
#if defined(__x86_64__)
  if (has_instruction)
    return crc32c_instruction(bytes, before);
#endif
  return crc32c_portable(bytes, before);
}

} // namespace hetzel::persistence
