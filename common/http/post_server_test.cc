#include "common/http/post_server.h"

#include <httplib.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
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

// A connection to the port of the loopback that says more and more.
class Talkative {
 public:
  Talkative(int port, const std::string& first) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_TRUE(Say(first));
  }
  ~Talkative() { close(socket_); }
  // False once it has been cut off.
  bool Say(const std::string& text) const { return send(socket_, text.data(), text.size(), MSG_NOSIGNAL) > 0; }
  // Whether the other side has closed it within the time.
  bool ClosedWithin(absl::Duration time) const {
    pollfd polled = {socket_, POLLIN, 0};
    return poll(&polled, 1, static_cast<int>(absl::ToInt64Milliseconds(time))) == 1;
  }

 private:
  const int socket_;
};

class PostServerBoundsTest : public ::testing::Test {
 protected:
  PostServerBoundsTest() {
    auto started = PostServer::Start(
        {.setting = "--x", .address = "127.0.0.1:0", .max_bytes = 10, .patience = absl::Milliseconds(200)},
        [](const std::string&, const std::string&) { return 200; });
    EXPECT_TRUE(started.ok());
    server_ = *std::move(started);
  }
  std::unique_ptr<PostServer> server_;
};

TEST_F(PostServerBoundsTest, HeadersWithoutAnEndAreCutOff) {
  const Talkative talkative(server_->port(), "POST / HTTP/1.1\r\n");
  const std::string header = "X-More: " + std::string(1000, 'a') + "\r\n";
  constexpr int kMany = 100'000;
  int said = 0;
  while (said < kMany && talkative.Say(header)) {
    ++said;
  }
  EXPECT_LT(said, kMany);
}

TEST_F(PostServerBoundsTest, ACallThatComesByteByByteIsCutOff) {
  const Talkative slow(server_->port(), "POST / HTTP/1.1\r\nX-Slow: ");
  const absl::Time start = absl::Now();
  while (!slow.ClosedWithin(absl::Milliseconds(20)) && absl::Now() < start + absl::Seconds(10)) {
    slow.Say("a");
  }
  EXPECT_LT(absl::Now(), start + absl::Seconds(10));
}

}  // namespace
}  // namespace orewatch::http
