#include "common/http/bounded_server.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace orewatch::http {
namespace {

using Clock = std::chrono::steady_clock;

void Describe(const sockaddr_storage& address, socklen_t length, std::string& ip, int& port) {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> service{};
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&address), length, host.data(), host.size(), service.data(),
                  service.size(), NI_NUMERICHOST | NI_NUMERICSERV) == 0) {
    ip = host.data();
    port = std::stoi(service.data());
  }
}

// One connection. Reads and writes fail beyond the bounds, which the library takes for a connection that is gone.
class BoundedStream final : public httplib::Stream {
 public:
  BoundedStream(int socket, const BoundedServer::Bounds& bounds)
      : socket_(socket), bounds_(bounds), start_(Clock::now()), left_(bounds.request_bytes) {}

  bool is_readable() const override { return begin_ < end_ || Wait(POLLIN, bounds_.request); }
  bool is_writable() const override { return Wait(POLLOUT, bounds_.answer); }

  // The library reads heads byte by byte.
  ssize_t read(char* to, size_t size) override {
    if (begin_ == end_ && !Fill()) {
      return -1;
    }
    const size_t count = std::min(size, end_ - begin_);
    std::copy_n(buffer_.begin() + static_cast<ptrdiff_t>(begin_), count, to);
    begin_ += count;
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char* from, size_t size) override {
    return is_writable() ? send(socket_, from, size, MSG_NOSIGNAL | MSG_DONTWAIT) : -1;
  }

  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    sockaddr_storage address{};
    socklen_t length = sizeof(address);
    if (getpeername(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0) {
      Describe(address, length, ip, port);
    }
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    sockaddr_storage address{};
    socklen_t length = sizeof(address);
    if (getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0) {
      Describe(address, length, ip, port);
    }
  }
  socket_t socket() const override { return socket_; }

 private:
  bool Fill() {
    if (left_ == 0 || !is_readable()) {
      return false;
    }
    const ssize_t got = recv(socket_, buffer_.data(), std::min(left_, buffer_.size()), MSG_DONTWAIT);
    if (got <= 0) {
      return false;
    }
    begin_ = 0;
    end_ = static_cast<size_t>(got);
    left_ -= end_;
    return true;
  }

  bool Wait(int16_t event, std::chrono::milliseconds all) const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(start_ + all - Clock::now());
    if (left.count() <= 0) {
      return false;
    }
    pollfd polled = {socket_, event, 0};
    return poll(&polled, 1, static_cast<int>(std::min(left, bounds_.silence).count())) == 1;
  }

  const int socket_;
  const BoundedServer::Bounds& bounds_;
  const Clock::time_point start_;
  size_t left_;
  std::array<char, 4096> buffer_{};
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace

bool BoundedServer::process_and_close_socket(socket_t socket) {
  BoundedStream stream(socket, bounds_);
  bool closed = false;
  const bool answered = process_request(stream, /*close_connection=*/true, closed, nullptr);
  shutdown(socket, SHUT_RDWR);
  close(socket);
  return answered;
}

}  // namespace orewatch::http
