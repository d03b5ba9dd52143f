#include "actors/messaging/storage/session_image.hpp"

#include <doctest/doctest.h>

#include <string>

namespace storage_session_image_test {

using namespace hetzel::messaging;
using hetzel::persistence::errc;

TEST_CASE("an image has exact bytes, and comes back from them") {
  const session_image image{300, {1, 65'535}};
  const auto bytes = encode(image);
  CHECK(bytes == std::string{"\x01\xac\x02\x02\x01\xff\xff\x03", 8});
  CHECK(decode_session_image(bytes).value() == image);
  CHECK(decode_session_image(encode(session_image{})).value()
        == session_image{});
}

TEST_CASE("no part of an image, no impossible identifier and no later version "
          "is taken for one") {
  const auto bytes = encode(session_image{300, {1, 65'535}});
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK(!decode_session_image(bytes.substr(0, size)));
  CHECK(!decode_session_image(bytes + "x"));
  CHECK(!decode_session_image(std::string{"\x01\x00\x01\x00", 4}));
  CHECK(!decode_session_image("\x01\x05\x01\x80\x80\x04"));
  CHECK(!decode_session_image(std::string{"\x01\x00\xff\xff\xff\x7f", 6}));
  CHECK(decode_session_image(std::string{"\x02\x00\x00", 3}).error()
        == errc::newer_layout);
}

} // namespace storage_session_image_test
