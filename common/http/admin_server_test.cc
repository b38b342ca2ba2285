#include "common/http/admin_server.h"

#include <httplib.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/log/log.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "prometheus/counter.h"
#include "prometheus/registry.h"

namespace orewatch::http {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::AllOf;
using ::testing::HasSubstr;

class AdminServerTest : public ::testing::Test {
 protected:
  AdminServerTest() {
    prometheus::BuildCounter().Name("things_total").Help("Things.").Register(*registry_).Add({}).Increment(3);
    auto server = AdminServer::Start("127.0.0.1:0", {{registry_},
                                                     [this] { return live_; },
                                                     [this] { return ready_; },
                                                     [] { return std::string("{\"settings\": []}"); },
                                                     [] { return std::string("{\"calls\": 0}"); }});
    EXPECT_THAT(server, IsOk());
    server_ = *std::move(server);
  }
  httplib::Response Get(const std::string& path) {
    const auto answer = httplib::Client("127.0.0.1", server_->port()).Get(path);
    return answer ? *answer : httplib::Response();
  }

  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  bool live_ = true;
  bool ready_ = false;
  std::unique_ptr<AdminServer> server_;
};

TEST_F(AdminServerTest, ServesMetricsAsText) {
  const auto page = Get("/metrics");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.get_header_value("Content-Type"), HasSubstr("version=0.0.4"));
  EXPECT_THAT(page.body, HasSubstr("things_total 3"));
}

TEST_F(AdminServerTest, ProbesFollowLivenessAndReadinessApart) {
  EXPECT_EQ(Get("/livez").status, 200);
  EXPECT_EQ(Get("/readyz").status, 503);
  ready_ = true;
  live_ = false;
  EXPECT_EQ(Get("/livez").status, 503);
  EXPECT_EQ(Get("/readyz").status, 200);
  EXPECT_EQ(Get("/elsewhere").status, 404);
}

TEST_F(AdminServerTest, ShowsPagesToPeopleOnThisMachine) {
  EXPECT_EQ(Get("/config").body, "{\"settings\": []}");
  EXPECT_EQ(Get("/inflight").body, "{\"calls\": 0}");
  EXPECT_EQ(Get("/inflight").get_header_value("Content-Type"), "application/json");
}

TEST_F(AdminServerTest, GivesTheWholePageOnceWhateverPartsAreAskedFor) {
  std::string ranges = "bytes=0-";
  for (int i = 0; i < 1000; ++i) {
    ranges += ",0-";
  }
  const auto answer =
      httplib::Client("127.0.0.1", server_->port()).Get("/metrics", httplib::Headers{{"Range", ranges}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, Get("/metrics").body);
}

TEST_F(AdminServerTest, SaysWhatThereIsAlsoToWhomItRefuses) {
  const auto with_body = httplib::Client("127.0.0.1", server_->port()).Post("/loglevel", "level=debug", "text/plain");
  ASSERT_TRUE(with_body);
  EXPECT_EQ(with_body->status, 413);
  EXPECT_THAT(with_body->body, HasSubstr("POST /loglevel?level=debug"));
}

TEST_F(AdminServerTest, ChangesTheLogLevelWhileRunning) {
  const std::string before = log::LevelName();
  httplib::Client client("127.0.0.1", server_->port());
  const auto changed = client.Post("/loglevel?level=error");
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->body, "error\n");
  EXPECT_EQ(Get("/loglevel").body, "error\n");
  for (const char* wrong : {"/loglevel?level=loud", "/loglevel"}) {
    const auto refused = client.Post(wrong);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 400) << wrong;
    EXPECT_THAT(refused->body, HasSubstr("debug, info, warning or error"));
  }
  EXPECT_STREQ(log::LevelName(), "error");
  const auto restored = client.Post("/loglevel?level=" + before);
  ASSERT_TRUE(restored);
  EXPECT_EQ(log::LevelName(), before);
}

// Connections of a client that keeps them, or never says what it wants.
class Connections {
 public:
  Connections(int port, int count, const std::string& says) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < count; ++i) {
      sockets_.push_back(socket(AF_INET, SOCK_STREAM, 0));
      EXPECT_EQ(connect(sockets_.back(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
      EXPECT_EQ(send(sockets_.back(), says.data(), says.size(), 0), static_cast<ssize_t>(says.size()));
    }
  }
  ~Connections() {
    for (const int socket : sockets_) {
      close(socket);
    }
  }
  const std::vector<int>& sockets() const { return sockets_; }

 private:
  std::vector<int> sockets_;
};

// All that the server answers to a request as it is, until it closes the connection.
std::string Ask(int port, const std::string& request) {
  const Connections connection(port, 1, request);
  std::string answer;
  std::array<char, 4096> part{};
  for (ssize_t size = 0; (size = read(connection.sockets().front(), part.data(), part.size())) > 0;) {
    answer.append(part.data(), static_cast<size_t>(size));
  }
  return answer;
}

TEST_F(AdminServerTest, APostNeedsNoBody) {
  const std::string level = log::LevelName();
  // As `curl -X POST` sends it.
  EXPECT_THAT(Ask(server_->port(), absl::StrCat("POST /loglevel?level=", level,
                                                " HTTP/1.1\r\nHost: 127.0.0.1:9100\r\nAccept: */*\r\n\r\n")),
              AllOf(HasSubstr("HTTP/1.1 200"), HasSubstr(level)));
}

TEST_F(AdminServerTest, TakesNoBody) {
  httplib::Client client("127.0.0.1", server_->port());
  const auto refused = client.Post("/loglevel?level=error", std::string(100, 'x'), "text/plain");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 413);
}

TEST_F(AdminServerTest, SaysInTheLogThatItsLevelWasChangedWhicheverItIs) {
  const std::string before = log::LevelName();
  httplib::Client client("127.0.0.1", server_->port());
  for (const char* level : {"error", "warning", "error", "debug"}) {
    log::Flush();
    ::testing::internal::CaptureStderr();
    EXPECT_TRUE(client.Post(absl::StrCat("/loglevel?level=", level)));
    log::Flush();
    EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr(absl::StrCat(R"("to":")", level, "\"")));
  }
  EXPECT_TRUE(client.Post("/loglevel?level=" + before));
}

TEST_F(AdminServerTest, ShowsNothingToABrowserThatWasLedHere) {
  httplib::Client client("127.0.0.1", server_->port());
  std::array<char, 256> own{};
  gethostname(own.data(), own.size() - 1);
  const std::string name = own.data();
  for (const std::string& host : {std::string("127.0.0.1"), std::string("10.1.2.3:9100"), std::string("[::1]:9100"),
                                  std::string("localhost:9100"), name + ":9100", name + ".registry.orewatch.svc"}) {
    const auto shown = client.Get("/config", httplib::Headers{{"Host", host}});
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->status, 200) << host;
  }
  for (const char* host : {"evil.example", "evil.example:9100", "localhost.evil.example", "127.0.0.1.evil.example"}) {
    for (const char* page : {"/config", "/inflight", "/loglevel"}) {
      const auto refused = client.Get(page, httplib::Headers{{"Host", host}});
      ASSERT_TRUE(refused);
      EXPECT_EQ(refused->status, 403) << host;
    }
  }
  const auto changed = client.Post("/loglevel?level=error", httplib::Headers{{"Origin", "http://127.0.0.1"}},
                                   std::string(), "text/plain");
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->status, 403);
  EXPECT_STRNE(log::LevelName(), "error");
  // Whoever asks for it: a balancer writes what it likes.
  const auto probe = client.Get("/livez", httplib::Headers{{"Host", "anything"}, {"Origin", "null"}});
  ASSERT_TRUE(probe);
  EXPECT_EQ(probe->status, 200);
}

TEST_F(AdminServerTest, TellsWhatThereIsToWhoAsksForSomethingElse) {
  const auto nothing = Get("/elsewhere");
  EXPECT_EQ(nothing.status, 404);
  EXPECT_THAT(nothing.body, HasSubstr("/metrics /livez /readyz /config /inflight /loglevel"));
  const auto posted = httplib::Client("127.0.0.1", server_->port()).Post("/config");
  ASSERT_TRUE(posted);
  EXPECT_EQ(posted->status, 405);
}

// Far less than anybody asks of a probe.
constexpr absl::Duration kSoon = absl::Milliseconds(500);

absl::Duration TimeOf(const std::function<void()>& body) {
  const absl::Time start = absl::Now();
  body();
  return absl::Now() - start;
}

TEST_F(AdminServerTest, ConnectionsThatSayNothingOrNotAllDoNotDelayAProbe) {
  // More than are kept, at last: on either side.
  rlimit files{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &files), 0);
  files.rlim_cur = files.rlim_max;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &files), 0);
  for (const int count : {20, 400, 1000}) {
    for (const char* says : {"", "GET /liv", "GET /metrics HTTP/1.1\r\nHost: x\r\n"}) {
      const Connections idle(server_->port(), count, says);
      for (const char* probe : {"/livez", "/readyz"}) {
        const std::string request = absl::StrCat("GET ", probe, " HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_LT(TimeOf([&] { EXPECT_THAT(Ask(server_->port(), request), HasSubstr("ok\n")); }), kSoon)
            << count << " " << says;
      }
    }
  }
}

TEST_F(AdminServerTest, ScrapersThatKeepTheirConnectionsOrTakeNoAnswerDoNotDelayAProbe) {
  auto& things = prometheus::BuildCounter().Name("many_total").Help(std::string(100'000, 'x')).Register(*registry_);
  for (int i = 0; i < 20'000; ++i) {
    things.Add({{"number", absl::StrCat(i, std::string(100, 'x'))}});
  }
  const Connections scrapers(server_->port(), 40, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_LT(TimeOf([&] { EXPECT_EQ(Get("/livez").status, 200); }), kSoon);
}

TEST_F(AdminServerTest, GivesUpARequestThatDoesNotEnd) {
  EXPECT_EQ(Ask(server_->port(), "GET /" + std::string(20'000, 'x')), "");
  EXPECT_LT(TimeOf([&] { EXPECT_EQ(Ask(server_->port(), "GET /li"), ""); }), absl::Seconds(10));
}

TEST_F(AdminServerTest, RefusesAPortThatIsTakenAndAnAddressThatIsNone) {
  EXPECT_THAT(AdminServer::Start(absl::StrCat("127.0.0.1:", server_->port()), {}),
              HasError(absl::StatusCode::kUnavailable, "ADDRESS_UNAVAILABLE"));
  for (const char* bad : {"nowhere", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:-1"}) {
    EXPECT_THAT(AdminServer::Start(bad, {}), BlamesField("--admin_address")) << bad;
  }
}

}  // namespace
}  // namespace orewatch::http
