#include "tests/testing/raw_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace orewatch::testing {
namespace {

constexpr int kSendTimeoutSeconds = 5;
constexpr size_t kReadBytes = 64 * 1024;

void AppendBigEndian(uint32_t value, int bytes, std::string& out) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xFFU));
  }
}

// An integer of HPACK with a prefix of seven bits (RFC 7541, 5.1).
void AppendLength(size_t length, std::string& out) {
  constexpr size_t kPrefix = 127;
  if (length < kPrefix) {
    out.push_back(static_cast<char>(length));
    return;
  }
  out.push_back(static_cast<char>(kPrefix));
  for (length -= kPrefix; length >= 128; length /= 128) {
    out.push_back(static_cast<char>(length % 128 + 128));
  }
  out.push_back(static_cast<char>(length));
}

std::string HeaderOf(char kind, absl::string_view name, absl::string_view value) {
  std::string header(1, kind);
  AppendLength(name.size(), header);
  absl::StrAppend(&header, name);
  AppendLength(value.size(), header);
  absl::StrAppend(&header, value);
  return header;
}

}  // namespace

RawConnection::RawConnection(int port) : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval timeout{kSendTimeoutSeconds, 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
  if (connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    close(std::exchange(descriptor_, -1));
  }
}

RawConnection::RawConnection(RawConnection&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

RawConnection& RawConnection::operator=(RawConnection&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

RawConnection::~RawConnection() {
  if (descriptor_ >= 0) {
    close(descriptor_);
  }
}

bool RawConnection::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool RawConnection::Discard() {
  std::array<char, kReadBytes> bytes{};
  while (true) {
    const ssize_t received = recv(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (received <= 0) {
      return received < 0 && errno == EAGAIN;
    }
  }
}

bool RawConnection::AwaitReadable(absl::Time give_up) const {
  pollfd polled{descriptor_, POLLIN, 0};
  const int64_t patience = std::max<int64_t>(0, absl::ToInt64Milliseconds(give_up - absl::Now()));
  return poll(&polled, 1, static_cast<int>(patience)) > 0;
}

bool RawConnection::EndsWithin(absl::Duration patience) {
  const absl::Time give_up = absl::Now() + patience;
  while (AwaitReadable(give_up)) {
    if (!Discard()) {
      return true;
    }
  }
  return false;
}

std::string RawConnection::ReadUntil(absl::string_view wanted, absl::Duration patience) {
  const absl::Time give_up = absl::Now() + patience;
  std::string text;
  std::array<char, kReadBytes> bytes{};
  while (!absl::StrContains(text, wanted) && AwaitReadable(give_up)) {
    const ssize_t received = recv(descriptor_, bytes.data(), bytes.size(), 0);
    if (received <= 0) {
      break;
    }
    text.append(bytes.data(), static_cast<size_t>(received));
  }
  return text;
}

namespace http2 {

std::string Greeting() { return absl::StrCat("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Frame(kSettings, 0, 0, "")); }

std::string Frame(uint8_t type, uint8_t flags, uint32_t stream, absl::string_view payload) {
  std::string frame;
  AppendBigEndian(static_cast<uint32_t>(payload.size()), 3, frame);
  frame.push_back(static_cast<char>(type));
  frame.push_back(static_cast<char>(flags));
  AppendBigEndian(stream, 4, frame);
  return absl::StrCat(frame, payload);
}

std::string ResetStream(uint32_t stream) {
  constexpr uint32_t kCancel = 8;
  std::string code;
  AppendBigEndian(kCancel, 4, code);
  return Frame(kResetStream, 0, stream, code);
}

std::string Header(absl::string_view name, absl::string_view value) { return HeaderOf('\0', name, value); }

std::string RememberedHeader(absl::string_view name, absl::string_view value) { return HeaderOf('\x40', name, value); }

std::string CallHeaders(absl::string_view method) {
  return absl::StrCat(Header(":method", "POST"), Header(":scheme", "http"), Header(":path", method),
                      Header(":authority", "localhost"), Header("te", "trailers"),
                      Header("content-type", "application/grpc"));
}

}  // namespace http2

}  // namespace orewatch::testing
