#include "services/alerting/feed/explainer.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/speak_for.h"
#include "common/testing/matchers.h"
#include "common/testing/serve.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::ParseProto;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string PrincipalOf(const grpc::ServerContext& context) {
  const auto found = context.client_metadata().find(rpc::kPrincipalHeader);
  return found == context.client_metadata().end() ? "" : std::string(found->second.data(), found->second.size());
}

class FakeRisk final : public risk::v1::Risk::Service {
 public:
  grpc::Status ExplainScore(grpc::ServerContext* context, const risk::v1::ExplainScoreRequest* request,
                            risk::v1::ScoreExplanation* response) override {
    asked = *request;
    principal = PrincipalOf(*context);
    response->set_formula("sum of squares");
    return grpc::Status::OK;
  }
  risk::v1::ExplainScoreRequest asked;
  std::string principal;
};

// Sends what it was given and, as the real one, waits for more.
class FakeRegistry final : public registry::v1::Registry::Service {
 public:
  grpc::Status Watch(grpc::ServerContext* context, const registry::v1::WatchRequest* request,
                     grpc::ServerWriter<registry::v1::ChangeSet>* writer) override {
    asked = *request;
    principal = PrincipalOf(*context);
    for (const auto& chunk : chunks) {
      writer->Write(chunk);
    }
    while (refusal.ok() && !context->IsCancelled()) {
      absl::SleepFor(absl::Milliseconds(1));
    }
    return refusal;
  }
  std::vector<registry::v1::ChangeSet> chunks;
  grpc::Status refusal;
  registry::v1::WatchRequest asked;
  std::string principal;
};

class ExplainerTest : public ::testing::Test {
 protected:
  ExplainerTest() {
    int port = 0;
    server_ = orewatch::testing::Serve({&risk_, &registry_}, &port);
    channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials());
    question_.subject.set_subject("minerals/tin");
    question_.subject.set_method(risk::v1::METHOD_HHI);
    question_.cause.set_lineage("l");
    question_.cause.set_number(7);
    question_.caller.principal = "ann";
    question_.deadline = absl::InfiniteFuture();
  }
  v1::AlertExplanation Explain() { return Explainer(channel_, channel_).Explain(question_); }
  void Send(const std::string& chunk) { registry_.chunks.push_back(ParseProto<registry::v1::ChangeSet>(chunk)); }

  FakeRisk risk_;
  FakeRegistry registry_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  AlertQuestion question_;
};

TEST_F(ExplainerTest, SaysWhoChangedWhatInWhichRequest) {
  Send("revision { number: 7 } principal { subject: 'bob' } request_id: 'q' changes { name: 'minerals/tin' }");
  Send("revision { number: 7 } principal { subject: 'bob' } request_id: 'q' changes { name: 'b' } last_chunk: true");
  Send("revision { number: 8 } changes { name: 'c' } last_chunk: true");
  const v1::AlertExplanation explanation = Explain();
  EXPECT_EQ(explanation.cause().revision().number(), 7);
  EXPECT_EQ(explanation.cause().principal().subject(), "bob");
  EXPECT_EQ(explanation.cause().request_id(), "q");
  EXPECT_THAT(explanation.cause().names(), ElementsAre("minerals/tin", "b"));
  EXPECT_FALSE(explanation.cause().more());
  EXPECT_EQ(explanation.score().formula(), "sum of squares");
  EXPECT_THAT(explanation.missing(), IsEmpty());
}

TEST_F(ExplainerTest, AsksInTheNameOfWhoAsksSinceTheRevisionBefore) {
  Send("revision { number: 7 } bookmark: true last_chunk: true");
  Explain();
  EXPECT_EQ(registry_.principal, "ann");
  EXPECT_EQ(registry_.asked.after().number(), 6);
  EXPECT_EQ(registry_.asked.after().lineage(), "l");
  EXPECT_EQ(risk_.principal, "ann");
  EXPECT_EQ(risk_.asked.since_revision(), 6);
}

TEST_F(ExplainerTest, WhatTheCallerMayNotReadIsLeftOut) {
  // A later one that he may read must not pass for it.
  Send("revision { number: 9 } principal { subject: 'bob' } changes { name: 'c' } last_chunk: true");
  const v1::AlertExplanation explanation = Explain();
  EXPECT_FALSE(explanation.cause().has_principal());
  EXPECT_THAT(explanation.cause().names(), IsEmpty());
  EXPECT_THAT(explanation.missing(), IsEmpty());
}

TEST_F(ExplainerTest, AHugeChangeIsCutOff) {
  std::string chunk = "revision { number: 7 } last_chunk: true ";
  for (int i = 0; i < 101; ++i) {
    absl::StrAppend(&chunk, "changes { name: '", i, "' } ");
  }
  Send(chunk);
  const v1::AlertExplanation explanation = Explain();
  EXPECT_THAT(explanation.cause().names(), SizeIs(100));
  EXPECT_TRUE(explanation.cause().more());
}

TEST_F(ExplainerTest, WhatIsNoScoreHasNoneThatIsMissing) {
  question_.subject.clear_method();
  Send("revision { number: 7 } principal { subject: 'bob' } changes { name: 'measures/m' } last_chunk: true");
  const v1::AlertExplanation explanation = Explain();
  EXPECT_EQ(explanation.cause().principal().subject(), "bob");
  EXPECT_THAT(explanation.missing(), IsEmpty());
}

TEST_F(ExplainerTest, WhatCannotBeHadIsNamed) {
  registry_.refusal = grpc::Status(grpc::StatusCode::OUT_OF_RANGE, "compacted");
  EXPECT_THAT(Explain().missing(), ElementsAre("cause: OUT_OF_RANGE"));
  server_->Shutdown();
  server_.reset();
  question_.deadline = absl::Now() + absl::Seconds(1);
  EXPECT_THAT(Explain().missing(), SizeIs(2));
}

}  // namespace
}  // namespace orewatch::alerting
