#include "services/alerting/api/webhook_set.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "common/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::SizeIs;

class WebhookSetTest : public ::testing::Test {
 protected:
  WebhookSetTest() { std::ofstream(dir_ / "secret") << "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"; }
  absl::StatusOr<std::vector<WebhookEndpoint>> Read(const std::string& text) {
    std::ofstream(dir_ / "webhooks") << text;
    return ReadWebhookSet(dir_ / "webhooks");
  }
  std::string Webhook(const std::string& name, const std::string& url) {
    return absl::StrCat("webhooks { name: '", name, "' url: '", url, "' secret_file: '", dir_ / "secret", "' ",
                        "least_severity: SEVERITY_WARNING } ");
  }
  const testing::TempDir dir_;
};

TEST_F(WebhookSetTest, ReadsWebhooks) {
  const auto webhooks = Read(absl::StrCat(Webhook("a", "https://a/x"), Webhook("b", "http://b")));
  ASSERT_THAT(webhooks, IsOk());
  ASSERT_THAT(*webhooks, SizeIs(2));
  EXPECT_EQ((*webhooks)[0].url, "https://a/x");
  EXPECT_EQ((*webhooks)[1].least_severity, Severity::kWarning);
}

TEST_F(WebhookSetTest, RefusesWhatCannotBeUsed) {
  const auto is_invalid = HasError(absl::StatusCode::kInvalidArgument, "INVALID_WEBHOOK_SET");
  EXPECT_THAT(Read("nonsense"), is_invalid);
  EXPECT_THAT(Read(Webhook("alertmanager", "https://a")), is_invalid);
  EXPECT_THAT(Read(Webhook("A b", "https://a")), is_invalid);
  EXPECT_THAT(Read(Webhook("a", "ftp://a")), is_invalid);
  EXPECT_THAT(Read(absl::StrCat(Webhook("a", "https://a"), Webhook("a", "https://b"))), is_invalid);
  EXPECT_THAT(Read("webhooks { name: 'a' url: 'https://a' secret_file: '/nowhere' }"), is_invalid);
  EXPECT_THAT(ReadWebhookSet("/nowhere"), HasError(absl::StatusCode::kNotFound, "FILE_NOT_FOUND"));
}

}  // namespace
}  // namespace orewatch::alerting
