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
#include "absl/time/clock.h"
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

bool SendAll(int to, const std::string& bytes) {
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t sent = send(to, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    done += static_cast<size_t>(sent);
  }
  return true;
}

// No frame of HTTP/2, and no end of one.
std::string GarbageOf(size_t size) {
  std::string garbage(size, '\xA5');
  for (size_t i = 0; i < size; ++i) {
    constexpr size_t kStep = 37;
    garbage[i] = static_cast<char>(i * kStep + 1);
  }
  return garbage;
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
  thread_ = std::thread([this] { Run(); });
}

TcpProxy::~TcpProxy() {
  {
    absl::MutexLock lock(&mutex_);
    rule_.stopped = true;
  }
  eventfd_write(wake_fd_, 1);
  thread_.join();
  CloseAll();
  close(listener_);
  close(wake_fd_);
}

std::string TcpProxy::address() const { return absl::StrCat("127.0.0.1:", port_); }

void TcpProxy::Set(Fault fault, absl::Duration delay) {
  {
    absl::MutexLock lock(&mutex_);
    rule_.fault = fault;
    rule_.delay = delay;
    ++rule_.number;
  }
  eventfd_write(wake_fd_, 1);
}

void TcpProxy::CutAt(const std::string& text, bool question) {
  absl::MutexLock lock(&mutex_);
  text_ = text;
  at_question_ = question;
}

bool TcpProxy::cut() const {
  absl::MutexLock lock(&mutex_);
  return text_.empty();
}

bool TcpProxy::IsToBeCut(Flow& flow, absl::string_view bytes) {
  absl::MutexLock lock(&mutex_);
  if (text_.empty() || flow.question != at_question_) {
    return false;
  }
  absl::StrAppend(&flow.tail, bytes);
  if (absl::StrContains(flow.tail, text_)) {
    text_.clear();
    return true;
  }
  flow.tail.erase(0, flow.tail.size() - std::min(flow.tail.size(), text_.size() - 1));
  return false;
}

TcpProxy::Rule TcpProxy::rule() const {
  absl::MutexLock lock(&mutex_);
  return rule_;
}

void TcpProxy::Run() {
  Rule before = rule();
  for (;;) {
    const Rule now = rule();
    if (now.stopped) {
      return;
    }
    // What hangs is not told; every other change ends what was held back.
    if (now.number != before.number && (before.fault != Fault::kNone || now.fault == Fault::kRefuse)) {
      CloseAll();
    }
    before = now;
    for (const int readable : Wait(now)) {
      if (readable == listener_) {
        Accept(now);
        continue;
      }
      const auto flow =
          std::find_if(flows_.begin(), flows_.end(), [&](const Flow& candidate) { return candidate.from == readable; });
      if (flow != flows_.end() && !Read(*flow, now)) {
        Close(*flow);
      }
    }
    for (auto flow = flows_.begin(); flow != flows_.end();) {
      // Closing takes the flow and the one beside it away.
      flow = SendWhatIsDue(*flow) ? std::next(flow) : (Close(*flow), flows_.begin());
    }
  }
}

std::list<int> TcpProxy::Wait(const Rule& rule) {
  const bool hangs = rule.fault == Fault::kHang;
  absl::Time due = absl::InfiniteFuture();
  std::vector<pollfd> events = {{wake_fd_, POLLIN, 0}, {hangs ? -1 : listener_, POLLIN, 0}};
  for (const Flow& flow : flows_) {
    events.push_back({hangs ? -1 : flow.from, POLLIN, 0});
    due = flow.held.empty() ? due : std::min(due, flow.held.front().due);
  }
  const absl::Duration left = std::max(due - absl::Now(), absl::ZeroDuration());
  const int timeout_ms = due == absl::InfiniteFuture() ? -1 : static_cast<int>(absl::ToInt64Milliseconds(left) + 1);
  poll(events.data(), events.size(), timeout_ms);
  eventfd_t news = 0;
  eventfd_read(wake_fd_, &news);
  std::list<int> readable;
  for (size_t i = 1; i < events.size(); ++i) {
    if (events[i].revents != 0) {
      readable.push_back(events[i].fd);
    }
  }
  return readable;
}

void TcpProxy::Accept(const Rule& rule) {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  const int server = NewSocket();
  const sockaddr_in address = Loopback(server_port_);
  if (rule.fault == Fault::kRefuse ||
      connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(client);
    close(server);
    return;
  }
  flows_.push_back({client, server, /*question=*/true, {}, ""});
  flows_.push_back({server, client, /*question=*/false, {}, ""});
}

bool TcpProxy::Read(Flow& flow, const Rule& rule) {
  std::array<char, kChunk> buffer;
  const ssize_t size = recv(flow.from, buffer.data(), buffer.size(), 0);
  if (size <= 0 || (rule.fault == Fault::kCut && !flow.question)) {
    return false;
  }
  std::string bytes(buffer.data(), static_cast<size_t>(size));
  if (IsToBeCut(flow, bytes)) {
    return false;
  }
  if (rule.fault == Fault::kGarbage && !flow.question) {
    bytes = GarbageOf(bytes.size());
  }
  const bool late = rule.fault == Fault::kDelay && !flow.question;
  flow.held.push_back({late ? absl::Now() + rule.delay : absl::InfinitePast(), std::move(bytes)});
  return true;
}

bool TcpProxy::SendWhatIsDue(Flow& flow) {
  while (!flow.held.empty() && flow.held.front().due <= absl::Now()) {
    if (!SendAll(flow.to, flow.held.front().bytes)) {
      return false;
    }
    flow.held.pop_front();
  }
  return true;
}

void TcpProxy::Close(const Flow& flow) {
  const int one = flow.from;
  const int other = flow.to;
  flows_.remove_if([&](const Flow& candidate) { return candidate.from == one || candidate.from == other; });
  close(one);
  close(other);
}

void TcpProxy::CloseAll() {
  while (!flows_.empty()) {
    Close(flows_.front());
  }
}

}  // namespace orewatch::testing
