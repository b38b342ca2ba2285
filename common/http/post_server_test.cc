#include "common/http/post_server.h"

#include <httplib.h>

#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"

namespace orewatch::http {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasError;

TEST(PostServerTest, AnswersWithWhatItsHandlerSays) {
  const auto server = PostServer::Start({.setting = "--x", .address = "127.0.0.1:0", .path = "/hook", .max_bytes = 10},
                                        [](const std::string& authorization, const std::string& body) {
                                          return authorization == "Bearer s" && body == "hello" ? 200 : 401;
                                        });
  ASSERT_TRUE(server.ok());
  httplib::Client client("127.0.0.1", (*server)->port());
  EXPECT_EQ(client.Post("/hook", {{"Authorization", "Bearer s"}}, "hello", "text/plain")->status, 200);
  EXPECT_EQ(client.Post("/hook", "hello", "text/plain")->status, 401);
  EXPECT_EQ(client.Post("/elsewhere", "hello", "text/plain")->status, 404);
  EXPECT_EQ(client.Get("/hook")->status, 404);
  EXPECT_EQ(client.Post("/hook", std::string(11, 'x'), "text/plain")->status, 413);
  EXPECT_THAT(PostServer::Start({.setting = "--x", .address = absl::StrCat("127.0.0.1:", (*server)->port())}, {}),
              HasError(absl::StatusCode::kUnavailable, "ADDRESS_UNAVAILABLE"));
  EXPECT_THAT(PostServer::Start({.setting = "--x", .address = "nowhere"}, {}), BlamesField("--x"));
}

}  // namespace
}  // namespace orewatch::http
