// A connection on which a test says what no client library would, and the frames of HTTP/2 to say it with.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace orewatch::testing {

// Thread-compatible.
class RawConnection {
 public:
  // To a port of this machine; connected() says whether it worked.
  explicit RawConnection(int port);
  RawConnection(RawConnection&& other) noexcept;
  RawConnection& operator=(RawConnection&& other) noexcept;
  ~RawConnection();

  bool connected() const { return descriptor_ >= 0; }
  // False if the peer is gone, or takes nothing more for five seconds.
  bool Send(absl::string_view bytes);
  // Throws away what has come, without waiting; false at the end.
  bool Discard();
  // Whether the peer ends it in that time.
  bool EndsWithin(absl::Duration patience);
  // All that comes until `wanted` is among it, the peer ends it, or the patience does.
  std::string ReadUntil(absl::string_view wanted, absl::Duration patience);

 private:
  bool AwaitReadable(absl::Time give_up) const;
  int descriptor_ = -1;
};

namespace http2 {

inline constexpr uint8_t kData = 0;
inline constexpr uint8_t kHeaders = 1;
inline constexpr uint8_t kResetStream = 3;
inline constexpr uint8_t kSettings = 4;
inline constexpr uint8_t kPing = 6;
inline constexpr uint8_t kContinuation = 9;
inline constexpr uint8_t kEndStream = 1;
inline constexpr uint8_t kEndHeaders = 4;
// Of a frame's payload.
inline constexpr size_t kMaxFrame = 16384;

// What a client says first.
std::string Greeting();
std::string Frame(uint8_t type, uint8_t flags, uint32_t stream, absl::string_view payload);
std::string ResetStream(uint32_t stream);
// A header as HPACK has it, without compression.
std::string Header(absl::string_view name, absl::string_view value);
// ... which the peer remembers, the last one under kRemembered.
std::string RememberedHeader(absl::string_view name, absl::string_view value);
inline constexpr char kRemembered = static_cast<char>(0x80 + 62);
// Those that every gRPC call begins with.
std::string CallHeaders(absl::string_view method);

}  // namespace http2

}  // namespace orewatch::testing
