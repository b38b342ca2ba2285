#include "common/rpc/intake.h"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/transport.h"

namespace orewatch::rpc {
namespace {

// Frames, TLS and pings around what is in them.
constexpr uint64_t kOverheadPerMessage = 128;
constexpr uint64_t kOverheadOneIn = 64;

}  // namespace

void Intake::NoteCall(absl::string_view peer) {
  Note(peer, {static_cast<uint64_t>(TransportLimits().max_metadata_bytes), 0});
}

void Intake::NoteMessage(absl::string_view peer, size_t bytes) {
  Note(peer, {bytes + bytes / kOverheadOneIn + kOverheadPerMessage, 0});
}

void Intake::NoteEnd(absl::string_view peer) { Note(peer, {0, 1}); }

void Intake::Note(absl::string_view peer, const Share& share) {
  absl::MutexLock lock(&mutex_);
  Share& whole = taken_[peer];
  whole.bytes += share.bytes;
  whole.ended += share.ended;
}

Intake::Taken Intake::TakeAll() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(taken_, {});
}

std::string PeerName(const sockaddr* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address->sa_family == AF_INET) {
    const auto* four = reinterpret_cast<const sockaddr_in*>(address);
    inet_ntop(AF_INET, &four->sin_addr, text.data(), text.size());
    return absl::StrCat("ipv4:", text.data(), ":", ntohs(four->sin_port));
  }
  if (address->sa_family != AF_INET6) {
    return "";
  }
  const auto* six = reinterpret_cast<const sockaddr_in6*>(address);
  if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
    constexpr size_t kFirstByteOfV4 = 12;
    inet_ntop(AF_INET, &six->sin6_addr.s6_addr[kFirstByteOfV4], text.data(), text.size());
    return absl::StrCat("ipv4:", text.data(), ":", ntohs(six->sin6_port));
  }
  inet_ntop(AF_INET6, &six->sin6_addr, text.data(), text.size());
  return absl::StrCat("ipv6:%5B", text.data(), "%5D:", ntohs(six->sin6_port));
}

std::optional<uint64_t> BytesReceived(int descriptor) {
  tcp_info info{};
  socklen_t size = sizeof(info);
  if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
      size < offsetof(tcp_info, tcpi_bytes_received) + sizeof(info.tcpi_bytes_received)) {
    return std::nullopt;
  }
  return info.tcpi_bytes_received;
}

}  // namespace orewatch::rpc
