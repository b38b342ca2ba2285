#include "common/http/admin_server.h"

#include <httplib.h>

#include "absl/strings/str_cat.h"
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
    auto server = AdminServer::Start("127.0.0.1:0", {{registry_}, [this] { return live_; }, [this] { return ready_; }});
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

TEST_F(AdminServerTest, RefusesAPortThatIsTakenAndAnAddressThatIsNone) {
  EXPECT_THAT(AdminServer::Start(absl::StrCat("127.0.0.1:", server_->port()), {}),
              HasError(absl::StatusCode::kUnavailable, "ADDRESS_UNAVAILABLE"));
  for (const char* bad : {"nowhere", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:-1"}) {
    EXPECT_THAT(AdminServer::Start(bad, {}), BlamesField("admin_address")) << bad;
  }
}

}  // namespace
}  // namespace orewatch::http
