#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

/// Runs a fuzz target on every file of the folders named as arguments, so that
/// what was once found is tried again by every compiler and in every build.
/// Fails when a folder is missing or there is nothing to run.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes,
                                      std::size_t size);

namespace {

namespace fs = std::filesystem;

void replay(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
  // Flushed before the run: when the target aborts, this is the last line.
  std::printf("%s (%zu bytes)\n", file.filename().c_str(), bytes.size());
  std::fflush(stdout);
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                         bytes.size());
}

std::size_t replay_folder(const fs::path& folder) {
  std::size_t count = 0;
  for (auto& entry : fs::directory_iterator(folder)) {
    if (!entry.is_regular_file())
      continue;
    replay(entry.path());
    ++count;
  }
  return count;
}

} // namespace

int main(int count, char** folders) {
  std::size_t files = 0;
  try {
    for (auto i = 1; i < count; ++i)
      files += replay_folder(folders[i]);
  } catch (const std::exception& why) {
    std::fprintf(stderr, "%s\n", why.what());
    return 1;
  }
  std::printf("%zu files replayed\n", files);
  return files == 0 ? 1 : 0;
}
