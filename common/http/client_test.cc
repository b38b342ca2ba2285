#include "common/http/client.h"

#include <httplib.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/testing/matchers.h"
#include "common/trace/trace.h"
#include "gmock/gmock.h"

namespace orewatch::http {
namespace {

using ::orewatch::testing::BlamesField;
using ::orewatch::testing::HasCode;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ClientTest : public ::testing::Test {
 protected:
  ClientTest() {
    server_.Post("/echo", [this](const httplib::Request& request, httplib::Response& response) {
      host_ = request.get_header_value("Host");
      connections_.insert(request.remote_port);
      response.status = 202;
      response.set_content(absl::StrCat(request.get_header_value("X-Test"), "|", request.body), "text/plain");
    });
    server_.Get("/trace", [](const httplib::Request& request, httplib::Response& response) {
      response.set_content(request.get_header_value("traceparent"), "text/plain");
    });
    server_.Get("/large", [](const httplib::Request&, httplib::Response& response) {
      response.set_content(std::string(5000, 'x'), "text/plain");
    });
    server_.Get("/slow", [this](const httplib::Request&, httplib::Response& response) {
      slow_.WaitForNotification();
      response.status = 200;
    });
    server_.Get("/busy", [](const httplib::Request&, httplib::Response& response) {
      response.status = 503;
      response.set_header("Retry-After", "17");
    });
    server_.Get("/moved",
                [](const httplib::Request&, httplib::Response& response) { response.set_redirect("/large"); });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) {
      std::this_thread::yield();
    }
  }
  ~ClientTest() override {
    // The server waits for connections that are kept.
    client_.reset();
    if (!slow_.HasBeenNotified()) {
      slow_.Notify();
    }
    server_.stop();
    thread_.join();
  }
  std::string Url(const std::string& path) const { return absl::StrCat("http://127.0.0.1:", port_, path); }

  httplib::Server server_;
  std::thread thread_;
  int port_ = 0;
  std::string host_;
  std::set<int> connections_;
  absl::Notification slow_;
  std::atomic<bool> cancelled_ = false;
  std::unique_ptr<Client> client_ = NewClient([this] { return cancelled_.load(); });
};

TEST_F(ClientTest, CarriesTheTraceOfItsThread) {
  const TracePtr trace = BeginTrace();
  const TraceScope scope(trace);
  const auto response = client_->Send({.url = Url("/trace")});
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->body, Traceparent(*trace));
}

TEST_F(ClientTest, SendsWhatItIsGivenAndKeepsItsConnection) {
  for (const std::string body : {"one", "", "three"}) {
    const auto answer =
        client_->Send({.method = "POST", .url = Url("/echo"), .headers = {{"X-Test", "yes"}}, .body = body});
    ASSERT_THAT(answer, IsOk());
    EXPECT_EQ(answer->status, 202);
    EXPECT_EQ(answer->body, absl::StrCat("yes|", body));
  }
  EXPECT_EQ(connections_.size(), 1U);
}

TEST_F(ClientTest, ConnectsWhereItIsToldAndStillNamesTheServer) {
  const auto answer = client_->Send({.method = "POST",
                                     .url = "http://alertmanager.example:9093/echo",
                                     .connect_to = absl::StrCat("127.0.0.1:", port_)});
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(host_, "alertmanager.example:9093");
}

TEST_F(ClientTest, AnErrorOfTheServerIsAnAnswer) {
  const auto busy = client_->Send({.url = Url("/busy")});
  ASSERT_THAT(busy, IsOk());
  EXPECT_EQ(busy->status, 503);
  EXPECT_EQ(busy->retry_after, absl::Seconds(17));
  EXPECT_EQ(client_->Send({.url = Url("/moved")})->status, 302);
}

TEST_F(ClientTest, AnAnswerIsBounded) {
  EXPECT_THAT(client_->Send({.url = Url("/large"), .max_response_bytes = 4999}),
              HasError(absl::StatusCode::kResourceExhausted, "ANSWER_TOO_LARGE"));
  EXPECT_THAT(client_->Send({.url = Url("/large"), .max_response_bytes = 5000}), IsOk());
}

TEST_F(ClientTest, EndsByItsDeadlineOrWhenItIsCancelled) {
  EXPECT_THAT(client_->Send({.url = Url("/slow"), .timeout = absl::Milliseconds(50)}),
              HasCode(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(client_->Send({.url = Url("/slow"), .timeout = absl::ZeroDuration()}),
              HasCode(absl::StatusCode::kDeadlineExceeded));
  std::thread canceller([this] { cancelled_ = true; });
  EXPECT_THAT(client_->Send({.url = Url("/slow"), .timeout = absl::Minutes(1)}), HasCode(absl::StatusCode::kCancelled));
  canceller.join();
}

TEST_F(ClientTest, NobodyThereIsUnavailable) {
  EXPECT_THAT(client_->Send({.url = "http://127.0.0.1:1/"}), HasError(absl::StatusCode::kUnavailable, "NO_ANSWER"));
  EXPECT_THAT(client_->Send({.url = "file:///etc/passwd"}), HasCode(absl::StatusCode::kInvalidArgument));
}

TEST_F(ClientTest, AnErrorDoesNotTellThePathWhichMayBeASecret) {
  const absl::Status nobody = client_->Send({.url = "http://me:word@127.0.0.1:1/services/T0/B0/secret?a=b"}).status();
  EXPECT_THAT(nobody.message(),
              AllOf(HasSubstr("http://127.0.0.1:1: "), Not(HasSubstr("secret")), Not(HasSubstr("me"))));
  const absl::Status large = client_->Send({.url = Url("/large"), .max_response_bytes = 100}).status();
  EXPECT_THAT(large.message(), AllOf(HasSubstr("http://127.0.0.1"), Not(HasSubstr("/large"))));
  const absl::Status cut = client_->Send({.url = "secret"}).status();
  EXPECT_THAT(cut.message(), Not(HasSubstr("secret")));
}

TEST(UrlTest, FindsHostAndPort) {
  EXPECT_EQ(ParseUrlHost("--x", "http://a.b")->port, 80);
  EXPECT_EQ(ParseUrlHost("--x", "https://a.b/path")->port, 443);
  EXPECT_EQ(ParseUrlHost("--x", "http://[::1]:9093/")->host, "[::1]");
  for (const char* bad :
       {"", "a", "ftp://a", "http://", "http://u:p@a", "http://a?b", "http://a#b", "http://a:70000"}) {
    EXPECT_THAT(ParseUrlHost("--x", bad), BlamesField("--x")) << bad;
  }
}

}  // namespace
}  // namespace orewatch::http
