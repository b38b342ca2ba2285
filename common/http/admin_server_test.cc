#include "common/http/admin_server.h"

#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
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

TEST_F(AdminServerTest, TellsWhatThereIsToWhoAsksForSomethingElse) {
  const auto nothing = Get("/elsewhere");
  EXPECT_EQ(nothing.status, 404);
  EXPECT_THAT(nothing.body, HasSubstr("/metrics /livez /readyz /config /inflight /loglevel"));
  const auto posted = httplib::Client("127.0.0.1", server_->port()).Post("/config");
  ASSERT_TRUE(posted);
  EXPECT_EQ(posted->status, 405);
}

// Connections of a client that keeps them, or never says what it wants.
class IdleConnections {
 public:
  IdleConnections(int port, int count, const std::string& says) {
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
  ~IdleConnections() {
    for (const int socket : sockets_) {
      close(socket);
    }
  }

 private:
  std::vector<int> sockets_;
};

// A probe that waited for somebody else's connection took a second.
constexpr absl::Duration kLessThanOneTimeout = absl::Milliseconds(900);

absl::Duration TimeOf(const std::function<void()>& body) {
  const absl::Time start = absl::Now();
  body();
  return absl::Now() - start;
}

TEST_F(AdminServerTest, ScrapersThatKeepTheirConnectionsDoNotDelayAProbe) {
  const IdleConnections scrapers(server_->port(), 40, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_LT(TimeOf([&] { EXPECT_EQ(Get("/livez").status, 200); }), kLessThanOneTimeout);
}

TEST_F(AdminServerTest, SilentConnectionsDoNotDelayAProbeForLong) {
  const IdleConnections silent(server_->port(), 20, "");
  EXPECT_LT(TimeOf([&] { EXPECT_EQ(Get("/livez").status, 200); }), absl::Seconds(4));
}

TEST_F(AdminServerTest, HalfOpenRequestsDoNotDelayAProbeForLong) {
  const IdleConnections half_open(server_->port(), 12, "GET /liv");
  EXPECT_LT(TimeOf([&] { EXPECT_EQ(Get("/livez").status, 200); }), kLessThanOneTimeout);
  const IdleConnections more(server_->port(), 20, "GET /liv");
  EXPECT_LT(TimeOf([&] { EXPECT_EQ(Get("/livez").status, 200); }), absl::Seconds(4));
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
