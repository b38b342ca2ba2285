#include "tests/testing/webhook_server.h"

#include <httplib.h>

#include <thread>

#include "absl/strings/str_cat.h"

namespace orewatch::testing {

struct WebhookServer::Server {
  httplib::Server http;
  int port = 0;
  std::thread thread;
};

WebhookServer::WebhookServer() : server_(std::make_unique<Server>()) {
  server_->http.Post("/in", [this](const httplib::Request& request, httplib::Response& response) {
    absl::MutexLock lock(&mutex_);
    requests_.push_back(request);
    response.status = 200;
  });
  server_->port = server_->http.bind_to_any_port("127.0.0.1");
  server_->thread = std::thread([this] { server_->http.listen_after_bind(); });
  while (!server_->http.is_running()) {
    std::this_thread::yield();
  }
}

WebhookServer::~WebhookServer() {
  server_->http.stop();
  server_->thread.join();
}

std::string WebhookServer::url() const { return absl::StrCat("http://127.0.0.1:", server_->port, "/in"); }

std::vector<httplib::Request> WebhookServer::requests() const {
  absl::MutexLock lock(&mutex_);
  return requests_;
}

std::vector<httplib::Request> WebhookServer::Await(size_t count, absl::Duration patience) const {
  absl::MutexLock lock(&mutex_);
  const auto enough = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return requests_.size() >= count; };
  mutex_.AwaitWithTimeout(absl::Condition(&enough), patience);
  return requests_;
}

}  // namespace orewatch::testing
