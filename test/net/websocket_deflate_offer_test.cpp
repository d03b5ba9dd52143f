#include "actors/net/websocket/deflate_offer.hpp"

#include <doctest/doctest.h>

namespace websocket_deflate_offer_test {

using hetzel::net::websocket::accept_deflate;

TEST_CASE("the first offer that can be fulfilled counts") {
  CHECK(accept_deflate("permessage-deflate") == 15);
  CHECK(accept_deflate("permessage-deflate; server_max_window_bits=9") == 9);
  CHECK(accept_deflate("permessage-deflate;server_max_window_bits = \"12\"")
        == 12);
  CHECK(accept_deflate("a; b=c, permessage-deflate; server_max_window_bits=8,"
                       "permessage-deflate; server_max_window_bits=11,"
                       "permessage-deflate")
        == 11);
}

TEST_CASE("what the client says about itself needs nothing of us") {
  CHECK(accept_deflate("permessage-deflate; client_max_window_bits; "
                       "client_no_context_takeover; "
                       "server_no_context_takeover")
        == 15);
  CHECK(accept_deflate("permessage-deflate; client_max_window_bits=8") == 15);
}

TEST_CASE("other extensions, empty ones and none are no offer") {
  for (const char* none : {"", ",", ";", " , ;a=b, ", "x-webkit-deflate-frame",
                           "permessage-deflate2", "Permessage-Deflate"})
    CHECK(accept_deflate(none) == 0);
}

TEST_CASE("an offer with a parameter that is unknown, malformed or named twice "
          "is declined") {
  for (const char* wrong :
       {"permessage-deflate; unknown", "permessage-deflate; a, x",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=010",
        "permessage-deflate; server_max_window_bits=1x",
        "permessage-deflate; server_max_window_bits=\"10",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_no_context_takeover=1",
        "permessage-deflate; client_no_context_takeover; "
        "client_no_context_takeover"}) {
    CAPTURE(wrong);
    CHECK(accept_deflate(wrong) == 0);
  }
}

} // namespace websocket_deflate_offer_test
