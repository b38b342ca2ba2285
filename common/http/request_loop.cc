#include "common/http/request_loop.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/status/status.h"
#include "common/time/steady.h"

namespace orewatch::http {
namespace {

constexpr int kBacklog = 1024;
constexpr int kUrgentThreads = 2;
constexpr char kEndOfHead[] = "\r\n\r\n";
constexpr absl::Duration kPauseWithoutDescriptors = absl::Milliseconds(100);

absl::Status Unavailable(const std::string& host, int port, const char* why) {
  return MakeError(absl::StatusCode::kUnavailable, "ADDRESS_UNAVAILABLE",
                   absl::StrCat("cannot listen on ", host, ":", port, ": ", why));
}

// The number of a socket's address, and its port.
std::pair<std::string, int> NameOf(const sockaddr_storage& address, socklen_t size) {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> service{};
  int port = 0;
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host.data(), host.size(), service.data(),
                  service.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0 ||
      !absl::SimpleAtoi(service.data(), &port)) {
    return {};
  }
  return {host.data(), port};
}

// A listening socket, or -1 and errno.
int ListenOn(const addrinfo& address) {
  const int descriptor = socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int yes = 1;
  // Not SO_REUSEPORT: a port that another process has must be an error.
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  if (descriptor < 0 ||
      (bind(descriptor, address.ai_addr, address.ai_addrlen) == 0 && listen(descriptor, kBacklog) == 0)) {
    return descriptor;
  }
  const int error = errno;
  close(descriptor);
  errno = error;
  return -1;
}

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

RequestLoop::RequestLoop(const Options& options, Handlers handlers)
    : options_(options),
      handlers_(std::move(handlers)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      urgent_(std::in_place, kUrgentThreads, options.max_connections),
      others_(std::in_place, options.threads, options.max_waiting) {}

absl::StatusOr<std::unique_ptr<RequestLoop>> RequestLoop::Start(const std::string& host, int port,
                                                                const Options& options, Handlers handlers) {
  std::unique_ptr<RequestLoop> loop(new RequestLoop(options, std::move(handlers)));
  OREWATCH_RETURN_IF_ERROR(loop->Bind(host, port));
  loop->thread_ = std::thread([raw = loop.get()] { raw->Serve(); });
  return loop;
}

RequestLoop::~RequestLoop() {
  ending_.store(true);
  eventfd_write(wake_, 1);
  if (thread_.joinable()) {
    thread_.join();
  }
  while (!connections_.empty()) {
    Close(connections_.begin());
  }
  if (listening_ >= 0) {
    close(listening_);
  }
  // They may still wake us.
  urgent_.reset();
  others_.reset();
  close(wake_);
}

absl::Status RequestLoop::Bind(const std::string& host, int port) {
  const std::string bare(absl::StripSuffix(absl::StripPrefix(host, "["), "]"));
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(bare.c_str(), absl::StrCat(port).c_str(), &hints, &found); error != 0) {
    return Unavailable(host, port, gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, freeaddrinfo);
  for (const addrinfo* each = found; each != nullptr && listening_ < 0; each = each->ai_next) {
    listening_ = ListenOn(*each);
  }
  if (listening_ < 0) {
    return Unavailable(host, port, std::strerror(errno));
  }
  sockaddr_storage bound{};
  socklen_t size = sizeof(bound);
  getsockname(listening_, reinterpret_cast<sockaddr*>(&bound), &size);
  port_ = NameOf(bound, size).second;
  return absl::OkStatus();
}

std::vector<pollfd> RequestLoop::Watched() const {
  // Without a descriptor for who comes there is no use in looking.
  std::vector<pollfd> watched = {{wake_, POLLIN, 0}, {crowded_ ? -1 : listening_, POLLIN, 0}};
  for (const Connection& connection : connections_) {
    watched.push_back({connection.state == State::kAnswering ? -1 : connection.descriptor, POLLIN, 0});
    if (connection.state == State::kSending) {
      watched.back().events = POLLOUT;
    }
  }
  return watched;
}

int RequestLoop::UntilNextDeadline(absl::Time now) const {
  absl::Time next = crowded_ ? now + kPauseWithoutDescriptors : absl::InfiniteFuture();
  for (const Connection& connection : connections_) {
    if (connection.state != State::kAnswering) {
      next = std::min(next, connection.deadline);
    }
  }
  return next == absl::InfiniteFuture()
             ? -1
             : static_cast<int>(std::max<int64_t>(0, absl::ToInt64Milliseconds(next - now) + 1));
}

void RequestLoop::Serve() {
  while (!ending_.load()) {
    std::vector<pollfd> watched = Watched();
    (void)poll(watched.data(), watched.size(), UntilNextDeadline(SteadyNow()));
    const absl::Time now = SteadyNow();
    auto polled = watched.begin() + 2;
    for (auto connection = connections_.begin(); connection != connections_.end(); ++polled) {
      const bool late = connection->state != State::kAnswering && connection->deadline <= now;
      const bool stays = !late && (polled->revents == 0 || Proceed(*connection, now));
      connection = stays ? std::next(connection) : Close(connection);
    }
    if (watched[0].revents != 0) {
      eventfd_t ignored = 0;
      eventfd_read(wake_, &ignored);
      TakeAnswers(now);
    }
    if (watched[1].revents != 0 || crowded_) {
      Accept(now);
    }
  }
}

void RequestLoop::Accept(absl::Time now) {
  while (true) {
    sockaddr_storage peer{};
    socklen_t size = sizeof(peer);
    const int descriptor = accept4(listening_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) {
      crowded_ = errno == EMFILE || errno == ENFILE;
      if (crowded_) {
        MakeRoom();
      }
      return;
    }
    if (connections_.size() >= options_.max_connections) {
      MakeRoom();
    }
    const auto [address, port] = NameOf(peer, size);
    connections_.push_back({next_id_++, descriptor, State::kReading, now + options_.patience, {"", address, port}, ""});
    // What it asks for is mostly there.
    if (!Read(connections_.back(), now)) {
      Close(std::prev(connections_.end()));
    }
  }
}

void RequestLoop::MakeRoom() {
  // First those that have had their answer.
  for (const State state : {State::kClosing, State::kReading, State::kSending}) {
    const auto oldest = std::find_if(connections_.begin(), connections_.end(),
                                     [&](const Connection& connection) { return connection.state == state; });
    if (oldest != connections_.end()) {
      Close(oldest);
      return;
    }
  }
}

bool RequestLoop::Proceed(Connection& connection, absl::Time now) {
  switch (connection.state) {
    case State::kReading:
    case State::kClosing:
      return Read(connection, now);
    case State::kSending:
      return Send(connection, now);
    case State::kAnswering:
      break;
  }
  return true;
}

bool RequestLoop::Read(Connection& connection, absl::Time now) {
  std::array<char, 4096> part{};
  const ssize_t size = recv(connection.descriptor, part.data(), part.size(), 0);
  if (size <= 0) {
    return size < 0 && WouldBlock();
  }
  if (connection.state == State::kClosing) {
    // Closed with something unread, it would take the answer away from the other side.
    return true;
  }
  std::string& text = connection.request.text;
  text.append(part.data(), static_cast<size_t>(size));
  if (absl::StrContains(text, kEndOfHead)) {
    connection.deadline = now + options_.patience;
    return HaveAnswered(connection);
  }
  return text.size() < options_.max_head_bytes;
}

bool RequestLoop::HaveAnswered(Connection& connection) {
  connection.state = State::kAnswering;
  auto& executor = handlers_.urgent(connection.request.text) ? urgent_ : others_;
  return executor->TrySubmit([this, id = connection.id, request = std::move(connection.request)] {
    std::string answer = handlers_.answer(request);
    absl::MutexLock lock(&mutex_);
    answers_.emplace_back(id, std::move(answer));
    eventfd_write(wake_, 1);
  });
}

void RequestLoop::TakeAnswers(absl::Time now) {
  std::vector<std::pair<int64_t, std::string>> answers;
  {
    absl::MutexLock lock(&mutex_);
    answers.swap(answers_);
  }
  for (auto& [id, answer] : answers) {
    const int64_t wanted = id;
    const auto connection = std::find_if(connections_.begin(), connections_.end(),
                                         [&](const Connection& each) { return each.id == wanted; });
    if (connection == connections_.end()) {
      continue;
    }
    connection->answer = std::move(answer);
    connection->state = State::kSending;
    connection->deadline = now + options_.patience;
    if (!Send(*connection, now)) {
      Close(connection);
    }
  }
}

bool RequestLoop::Send(Connection& connection, absl::Time now) {
  const absl::string_view rest = absl::string_view(connection.answer).substr(connection.sent);
  const ssize_t size = send(connection.descriptor, rest.data(), rest.size(), MSG_NOSIGNAL);
  if (size < 0) {
    return WouldBlock();
  }
  connection.sent += static_cast<size_t>(size);
  connection.deadline = now + options_.patience;
  if (connection.sent == connection.answer.size()) {
    connection.answer = {};
    connection.state = State::kClosing;
    shutdown(connection.descriptor, SHUT_WR);
  }
  return true;
}

RequestLoop::Connections::iterator RequestLoop::Close(Connections::iterator connection) {
  close(connection->descriptor);
  return connections_.erase(connection);
}

}  // namespace orewatch::http
