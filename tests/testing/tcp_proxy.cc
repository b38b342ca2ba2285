#include "tests/testing/tcp_proxy.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace orewatch::testing {
namespace {

constexpr size_t kChunk = 65'536;

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

int NewSocket() { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

bool SendAll(int to, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

}  // namespace

TcpProxy::TcpProxy(int server_port)
    : server_port_(server_port), listener_(NewSocket()), wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(bind(listener_, generic, size), 0);
  EXPECT_EQ(listen(listener_, SOMAXCONN), 0);
  EXPECT_EQ(getsockname(listener_, generic, &size), 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { ForwardUntilStopped(); });
}

TcpProxy::~TcpProxy() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  eventfd_write(wake_fd_, 1);
  thread_.join();
  while (!flows_.empty()) {
    Close(flows_.front());
  }
  close(listener_);
  close(wake_fd_);
}

bool TcpProxy::cut() const {
  absl::MutexLock lock(&mutex_);
  return !armed_;
}

void TcpProxy::Arm(const std::string& text, bool question) {
  absl::MutexLock lock(&mutex_);
  text_ = text;
  at_question_ = question;
  armed_ = true;
}

void TcpProxy::SetPartitioned(bool partitioned) {
  absl::MutexLock lock(&mutex_);
  healed_ = partitioned_ && !partitioned;
  partitioned_ = partitioned;
  eventfd_write(wake_fd_, 1);
}

bool TcpProxy::IsPartitioned() {
  bool healed = false;
  {
    absl::MutexLock lock(&mutex_);
    healed = std::exchange(healed_, false);
    if (partitioned_) {
      return true;
    }
  }
  while (healed && !flows_.empty()) {
    Close(flows_.front());
  }
  return false;
}

bool TcpProxy::IsStopped() const {
  absl::MutexLock lock(&mutex_);
  return stopped_;
}

void TcpProxy::ForwardUntilStopped() {
  for (;;) {
    // New connections wait in the backlog meanwhile, and open ones in the buffers of the kernel.
    const bool partitioned = IsPartitioned();
    std::vector<pollfd> events = {{wake_fd_, POLLIN, 0}, {partitioned ? -1 : listener_, POLLIN, 0}};
    for (const Flow& flow : flows_) {
      events.push_back({partitioned ? -1 : flow.from, POLLIN, 0});
    }
    poll(events.data(), events.size(), -1);
    if (events[0].revents != 0) {
      eventfd_t news = 0;
      eventfd_read(wake_fd_, &news);
      if (IsStopped()) {
        return;
      }
      continue;
    }
    if (events[1].revents != 0) {
      Accept();
    }
    const auto ready = std::find_if(events.begin() + 2, events.end(), [](const pollfd& e) { return e.revents != 0; });
    if (ready != events.end()) {
      // One at a time: it may end, and others with it.
      const auto flow = std::find_if(flows_.begin(), flows_.end(),
                                     [&](const Flow& candidate) { return candidate.from == ready->fd; });
      if (!Forward(*flow)) {
        Close(*flow);
      }
    }
  }
}

void TcpProxy::Accept() {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  const int server = NewSocket();
  const sockaddr_in address = Loopback(server_port_);
  if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(client);
    close(server);
    return;
  }
  flows_.push_back({client, server, /*question=*/true, ""});
  flows_.push_back({server, client, /*question=*/false, ""});
}

bool TcpProxy::Forward(Flow& flow) {
  std::array<char, kChunk> buffer;
  const ssize_t size = recv(flow.from, buffer.data(), buffer.size(), 0);
  if (size <= 0) {
    return false;
  }
  const absl::string_view bytes(buffer.data(), static_cast<size_t>(size));
  return !IsToBeCut(flow, bytes) && SendAll(flow.to, bytes);
}

bool TcpProxy::IsToBeCut(Flow& flow, absl::string_view bytes) {
  absl::MutexLock lock(&mutex_);
  if (!armed_ || flow.question != at_question_) {
    return false;
  }
  absl::StrAppend(&flow.tail, bytes);
  if (absl::StrContains(flow.tail, text_)) {
    armed_ = false;
    return true;
  }
  flow.tail.erase(0, flow.tail.size() - std::min(flow.tail.size(), text_.size() - 1));
  return false;
}

void TcpProxy::Close(const Flow& flow) {
  const int one = flow.from;
  const int other = flow.to;
  flows_.remove_if([&](const Flow& candidate) { return candidate.from == one || candidate.from == other; });
  close(one);
  close(other);
}

}  // namespace orewatch::testing
