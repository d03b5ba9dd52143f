#include "plugins/crypto/base64.hpp"

#include <doctest/doctest.h>

namespace base64_test {

using namespace hetzel::plugins;

namespace {

struct pair {
  std::string_view bytes;
  std::string_view text;
};

/// RFC 4648, 10.
constexpr pair vectors[] = {
  {"", ""},
  {"f", "Zg=="},
  {"fo", "Zm8="},
  {"foo", "Zm9v"},
  {"foob", "Zm9vYg=="},
  {"fooba", "Zm9vYmE="},
  {"foobar", "Zm9vYmFy"},
};

} // namespace

TEST_CASE("base64 encodes and decodes the vectors of RFC 4648, 10") {
  for (const auto& [bytes, text] : vectors) {
    CAPTURE(text);
    CHECK(encode_base64(bytes) == text);
    CHECK(decode_base64(text) == std::string{bytes});
  }
}

TEST_CASE("bare and url forms have no padding, and url its own two letters") {
  CHECK(encode_base64("\xFB\xFF", base64_form::bare) == "+/8");
  CHECK(encode_base64("\xFB\xFF", base64_form::url) == "-_8");
  CHECK(decode_base64("-_8", base64_form::url) == "\xFB\xFF");
  CHECK(decode_base64("+/8", base64_form::bare) == "\xFB\xFF");
  CHECK_FALSE(decode_base64("+/8", base64_form::url));
  CHECK_FALSE(decode_base64("-_8", base64_form::bare));
  CHECK_FALSE(decode_base64("-_8=", base64_form::url));
}

TEST_CASE("a text that is not the one right text is refused") {
  for (auto text : {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====",
                    "Zm 9v", "Zm9v\n", "Zg==Zg==", "Zm9vY", "\xC3\xA4" "a="}) {
    CAPTURE(text);
    CHECK_FALSE(decode_base64(text));
  }
  CHECK_FALSE(decode_base64("Zh", base64_form::url));
  CHECK_FALSE(decode_base64("A", base64_form::url));
}

} // namespace base64_test
