#include "common/http/post_server.h"

#include <httplib.h>

#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/config/checks.h"
#include "common/http/bounded_server.h"
#include "common/status/status.h"

namespace orewatch::http {
namespace {

constexpr int kThreads = 4;

BoundedServer::Bounds BoundsOf(const PostServer::Options& options) {
  BoundedServer::Bounds bounds;
  // What is somewhat too large is read to its end, so that whoever sent it hears why it was refused.
  bounds.request_bytes += 2 * options.max_bytes;
  bounds.silence = std::chrono::seconds(5);
  bounds.request = bounds.answer = absl::ToChronoMilliseconds(options.patience);
  return bounds;
}

class HttplibPostServer final : public PostServer {
 public:
  HttplibPostServer(const Options& options, Handler handler)
      : handler_(std::move(handler)), server_(BoundsOf(options)) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server_.set_payload_max_length(options.max_bytes);
    // The library would share the port with another process by default.
    server_.set_socket_options([](socket_t socket) {
      int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    });
    server_.Post(options.path, [this](const httplib::Request& request, httplib::Response& response) {
      response.status = handler_(request.get_header_value("Authorization"), request.body);
    });
  }
  ~HttplibPostServer() override {
    server_.stop();
    if (thread_.joinable()) {
      thread_.join();
    }
  }
  bool Listen(const std::string& host, int port) {
    port_ = port == 0 ? server_.bind_to_any_port(host) : port;
    if (port_ <= 0 || (port != 0 && !server_.bind_to_port(host, port))) {
      return false;
    }
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // stop() before the loop has begun would be lost.
    while (!server_.is_running()) {
      std::this_thread::yield();
    }
    return true;
  }
  int port() const override { return port_; }

 private:
  const Handler handler_;
  BoundedServer server_;
  std::thread thread_;
  int port_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<PostServer>> PostServer::Start(const Options& options, Handler handler) {
  OREWATCH_ASSIGN_OR_RETURN(const config::HostPort parsed, config::ParseHostPort(options.setting, options.address));
  auto server = std::make_unique<HttplibPostServer>(options, std::move(handler));
  if (!server->Listen(parsed.host, parsed.port)) {
    return MakeError(absl::StatusCode::kUnavailable, "ADDRESS_UNAVAILABLE",
                     absl::StrCat("cannot listen on ", options.address, ": the port is taken or not permitted"));
  }
  return server;
}

}  // namespace orewatch::http
