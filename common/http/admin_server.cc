#include "common/http/admin_server.h"

#include <httplib.h>

#include <array>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/config/checks.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "prometheus/collectable.h"
#include "prometheus/text_serializer.h"

namespace orewatch::http {
namespace {

// A connection holds its thread until it ends. So each ends after one answer, and one that says nothing is soon given
// up: whatever scrapers and half-open connections do, a probe finds a thread.
constexpr int kThreads = 16;
constexpr int kTimeoutSeconds = 1;
constexpr int kAnswersPerConnection = 1;
// The library lets five connections wait to be accepted; a sixth would try again after a second.
constexpr int kBacklog = 128;

constexpr std::array<const char*, 6> kPages = {"/metrics", "/livez", "/readyz", "/config", "/inflight", "/loglevel"};

std::string Expose(const std::vector<std::weak_ptr<prometheus::Collectable>>& collectables) {
  std::vector<prometheus::MetricFamily> families;
  for (const auto& weak : collectables) {
    if (const auto collectable = weak.lock()) {
      auto collected = collectable->Collect();
      families.insert(families.end(), std::make_move_iterator(collected.begin()),
                      std::make_move_iterator(collected.end()));
    }
  }
  return prometheus::TextSerializer().Serialize(families);
}

void AnswerProbe(const std::function<bool()>& healthy, const std::function<std::string()>& why_not,
                 httplib::Response& response) {
  const bool ok = healthy();
  response.status = ok ? 200 : 503;
  const std::string reason = ok || why_not == nullptr ? "" : why_not();
  response.set_content(ok ? "ok\n" : absl::StrCat("not ok", reason.empty() ? "" : ": ", reason, "\n"), "text/plain");
}

bool IsOnThisMachine(const std::string& peer) {
  return absl::StartsWith(peer, "127.") || absl::StartsWith(peer, "::ffff:127.") || peer == "::1";
}

void SetLogLevel(const httplib::Request& request, httplib::Response& response) {
  log::Level level{};
  if (!log::ParseLevel(request.get_param_value("level"), level)) {
    response.status = 400;
    response.set_content("level must be debug, info, warning or error\n", "text/plain");
    return;
  }
  const std::string before = log::LevelName();
  log::SetLevel(level);
  log::Warning("log level changed", {{"from", before}, {"to", log::LevelName()}});
  response.set_content(absl::StrCat(log::LevelName(), "\n"), "text/plain");
}

// What is asked for wrongly is told what there is.
void ExplainRefusal(const httplib::Request& request, httplib::Response& response) {
  if (response.status != 404 || !response.body.empty()) {
    return;
  }
  for (const char* page : kPages) {
    if (request.path == page) {
      response.status = 405;
    }
  }
  response.set_content(absl::StrCat("pages: ", absl::StrJoin(kPages, " "), "\nPOST /loglevel?level=debug changes it\n"),
                       "text/plain");
}

class HttplibAdminServer final : public AdminServer {
 public:
  explicit HttplibAdminServer(Handlers handlers) : handlers_(std::move(handlers)) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server_.set_read_timeout(kTimeoutSeconds);
    server_.set_write_timeout(kTimeoutSeconds);
    // Counts before the first request as well.
    server_.set_keep_alive_timeout(kTimeoutSeconds);
    server_.set_keep_alive_max_count(kAnswersPerConnection);
    server_.set_payload_max_length(0);
    // The library would share the port with another process by default; a taken port must be an error.
    server_.set_socket_options([this](socket_t socket) {
      socket_ = socket;
      int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    });
    server_.Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content(Expose(handlers_.collectables), "text/plain; version=0.0.4; charset=utf-8");
    });
    server_.Get("/loglevel", ForPeople([](const httplib::Request&, httplib::Response& response) {
                  response.set_content(absl::StrCat(log::LevelName(), "\n"), "text/plain");
                }));
    server_.Post("/loglevel", ForPeople(SetLogLevel));
    ShowToPeople("/config", handlers_.config);
    ShowToPeople("/inflight", handlers_.in_flight);
    server_.set_error_handler(ExplainRefusal);
    server_.Get("/livez", [this](const httplib::Request&, httplib::Response& response) {
      AnswerProbe(handlers_.live, nullptr, response);
    });
    server_.Get("/readyz", [this](const httplib::Request&, httplib::Response& response) {
      AnswerProbe(handlers_.ready, handlers_.why_not_ready, response);
    });
  }

  ~HttplibAdminServer() override {
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
    listen(socket_, kBacklog);
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // stop() before the loop has begun would be lost.
    while (!server_.is_running()) {
      std::this_thread::yield();
    }
    return true;
  }

  int port() const override { return port_; }

 private:
  using Answer = std::function<void(const httplib::Request&, httplib::Response&)>;
  // They tell who calls, and what is set: probes and scrapers need none of it.
  Answer ForPeople(Answer answer) const {
    return [this, answer = std::move(answer)](const httplib::Request& request, httplib::Response& response) {
      if (handlers_.pages_for_all || IsOnThisMachine(request.remote_addr)) {
        return answer(request, response);
      }
      response.status = 403;
      response.set_content("for callers on this machine; --admin_pages=all opens it\n", "text/plain");
    };
  }

  void ShowToPeople(const char* path, const std::function<std::string()>& page) {
    if (page != nullptr) {
      server_.Get(path, ForPeople([page](const httplib::Request&, httplib::Response& response) {
                    response.set_content(page(), "application/json");
                  }));
    }
  }

  Handlers handlers_;
  httplib::Server server_;
  std::thread thread_;
  // The one that was bound.
  socket_t socket_ = INVALID_SOCKET;
  int port_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(const std::string& address, Handlers handlers) {
  OREWATCH_ASSIGN_OR_RETURN(const config::HostPort parsed, config::ParseHostPort("--admin_address", address));
  auto server = std::make_unique<HttplibAdminServer>(std::move(handlers));
  if (!server->Listen(parsed.host, parsed.port)) {
    return MakeError(absl::StatusCode::kUnavailable, "ADDRESS_UNAVAILABLE",
                     absl::StrCat("cannot listen on ", address, ": the port is taken or not permitted"));
  }
  return server;
}

}  // namespace orewatch::http
