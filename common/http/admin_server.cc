#include "common/http/admin_server.h"

#include <arpa/inet.h>
#include <httplib.h>
#include <unistd.h>

#include <array>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/config/checks.h"
#include "common/http/request_loop.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "prometheus/collectable.h"
#include "prometheus/text_serializer.h"

namespace orewatch::http {
namespace {

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

// Whether a browser may have been led here by another name (DNS rebinding): addresses cannot be, nor our own names.
bool IsOurName(absl::string_view host) {
  std::string name(host.substr(0, host.rfind(':')));
  if (absl::StartsWith(host, "[")) {
    name = std::string(host.substr(1, host.find(']') - 1));
  }
  std::array<unsigned char, sizeof(in6_addr)> address{};
  if (inet_pton(AF_INET, name.c_str(), address.data()) == 1 || inet_pton(AF_INET6, name.c_str(), address.data()) == 1) {
    return true;
  }
  std::array<char, 256> own{};
  gethostname(own.data(), own.size() - 1);
  // Kubernetes knows a pod as `name.service.namespace.svc`.
  return absl::EqualsIgnoreCase(name, "localhost") || absl::EqualsIgnoreCase(name, own.data()) ||
         absl::StartsWithIgnoreCase(name, absl::StrCat(own.data(), "."));
}

// Why the pages for people are not shown; null: they are.
const char* WhyNot(const httplib::Request& request, bool for_all) {
  if (!for_all && !IsOnThisMachine(request.remote_addr)) {
    return "for callers on this machine; --admin_pages=all opens it\n";
  }
  if (request.has_header("Origin")) {
    return "not for pages of other sites\n";
  }
  return !request.has_header("Host") || IsOurName(request.get_header_value("Host"))
             ? nullptr
             : "ask by an address, localhost or the name of this machine\n";
}

// The line of a change is there at whichever level.
void ChangeLogLevel(log::Level level) {
  const std::string before = log::LevelName();
  log::Level current{};
  log::ParseLevel(before, current);
  const bool quieter = level > current;
  const auto tell = [&](const char* to) { log::Warning("log level changed", {{"from", before}, {"to", to}}); };
  if (quieter) {
    tell(log::NameOf(level));
  }
  log::SetLevel(level);
  if (!quieter) {
    tell(log::NameOf(level));
  }
}

void SetLogLevel(const httplib::Request& request, httplib::Response& response) {
  log::Level level{};
  if (!log::ParseLevel(request.get_param_value("level"), level)) {
    response.status = 400;
    response.set_content("level must be debug, info, warning or error\n", "text/plain");
    return;
  }
  ChangeLogLevel(level);
  response.set_content(absl::StrCat(log::NameOf(level), "\n"), "text/plain");
}

// A request of 4 KiB may ask for a thousand parts, each of them the whole page: it gets the page.
httplib::Server::HandlerResponse PassOverParts(const httplib::Request& request, httplib::Response& /*response*/) {
  // It is the library's own, on the stack of process_request, and no constant there.
  const_cast<httplib::Request&>(request).ranges.clear();  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  return httplib::Server::HandlerResponse::Unhandled;
}

// What is asked for wrongly is told what there is.
void ExplainRefusal(const httplib::Request& request, httplib::Response& response) {
  if (!response.body.empty()) {
    return;
  }
  for (const char* page : kPages) {
    if (response.status == 404 && request.path == page) {
      response.status = 405;
    }
  }
  response.set_content(absl::StrCat("pages: ", absl::StrJoin(kPages, " "), "\nPOST /loglevel?level=debug changes it\n"),
                       "text/plain");
}

// A request that has come as a whole, and the answer to it.
class WholeRequest final : public httplib::Stream {
 public:
  explicit WholeRequest(const RequestLoop::Request& request) : request_(request) {}
  std::string TakeAnswer() { return std::move(answer_); }

 private:
  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  // What is not here was not sent: a POST needs no body.
  ssize_t read(char* to, size_t size) override {
    const size_t copied = request_.text.copy(to, size, taken_);
    taken_ += copied;
    return static_cast<ssize_t>(copied);
  }
  ssize_t write(const char* from, size_t size) override {
    answer_.append(from, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& address, int& port) const override {
    address = request_.peer_address;
    port = request_.peer_port;
  }
  void get_local_ip_and_port(std::string& /*address*/, int& /*port*/) const override {}
  socket_t socket() const override { return INVALID_SOCKET; }

  const RequestLoop::Request& request_;
  size_t taken_ = 0;
  std::string answer_;
};

// Of the library, what understands requests; it is given no socket.
class Router final : public httplib::Server {
 public:
  std::string Answer(const RequestLoop::Request& request) {
    WholeRequest stream(request);
    bool closed = false;
    process_request(stream, /*close_connection=*/true, closed, nullptr);
    return stream.TakeAnswer();
  }
};

// Whatever scrapers do, a probe finds a thread.
bool IsProbe(absl::string_view text) {
  return absl::StartsWith(text, "GET /livez ") || absl::StartsWith(text, "GET /readyz ");
}

class HttplibAdminServer final : public AdminServer {
 public:
  explicit HttplibAdminServer(Handlers handlers) : handlers_(std::move(handlers)) {
    server_.set_payload_max_length(0);
    server_.Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content(Expose(handlers_.collectables), "text/plain; version=0.0.4; charset=utf-8");
    });
    server_.Get("/loglevel", ForPeople([](const httplib::Request&, httplib::Response& response) {
                  response.set_content(absl::StrCat(log::LevelName(), "\n"), "text/plain");
                }));
    server_.Post("/loglevel", ForPeople(SetLogLevel));
    ShowToPeople("/config", handlers_.config);
    ShowToPeople("/inflight", handlers_.in_flight);
    server_.set_pre_routing_handler(PassOverParts);
    server_.set_error_handler(ExplainRefusal);
    server_.Get("/livez", [this](const httplib::Request&, httplib::Response& response) {
      AnswerProbe(handlers_.live, nullptr, response);
    });
    server_.Get("/readyz", [this](const httplib::Request&, httplib::Response& response) {
      AnswerProbe(handlers_.ready, handlers_.why_not_ready, response);
    });
  }

  absl::Status Listen(const std::string& host, int port) {
    OREWATCH_ASSIGN_OR_RETURN(
        loop_,
        RequestLoop::Start(host, port, {},
                           {[this](const RequestLoop::Request& request) { return server_.Answer(request); }, IsProbe}));
    return absl::OkStatus();
  }

  int port() const override { return loop_->port(); }

 private:
  using Answer = std::function<void(const httplib::Request&, httplib::Response&)>;
  // They tell who calls, and what is set: probes and scrapers need none of it.
  Answer ForPeople(Answer answer) const {
    return [this, answer = std::move(answer)](const httplib::Request& request, httplib::Response& response) {
      const char* const why_not = WhyNot(request, handlers_.pages_for_all);
      if (why_not == nullptr) {
        return answer(request, response);
      }
      response.status = 403;
      response.set_content(why_not, "text/plain");
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
  Router server_;
  // Last, so that it ends while the rest still lives.
  std::unique_ptr<RequestLoop> loop_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(const std::string& address, Handlers handlers) {
  OREWATCH_ASSIGN_OR_RETURN(const config::HostPort parsed, config::ParseHostPort("--admin_address", address));
  auto server = std::make_unique<HttplibAdminServer>(std::move(handlers));
  OREWATCH_RETURN_IF_ERROR(server->Listen(parsed.host, parsed.port));
  return server;
}

}  // namespace orewatch::http
