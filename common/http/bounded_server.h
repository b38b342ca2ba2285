// A server of which no caller, however slow or talkative, keeps a thread or its memory for long.
#pragma once

#include <httplib.h>

#include <chrono>
#include <cstddef>

namespace orewatch::http {

// Each connection brings one request and gets one answer. What goes beyond the bounds is cut off: the library has a
// bound for each read, and for each line of a head, but for neither the time nor the number of all of them.
class BoundedServer final : public httplib::Server {
 public:
  struct Bounds {
    // Of the line, the headers and the body.
    size_t request_bytes = size_t{64} * 1024;
    // Without a byte in either direction.
    std::chrono::milliseconds silence{1000};
    // From when a thread takes the connection, to the last byte of the request, and of the answer.
    std::chrono::milliseconds request{2000};
    std::chrono::milliseconds answer{10'000};
  };
  explicit BoundedServer(const Bounds& bounds) : bounds_(bounds) {}

 private:
  bool process_and_close_socket(socket_t socket) override;

  const Bounds bounds_;
};

}  // namespace orewatch::http
