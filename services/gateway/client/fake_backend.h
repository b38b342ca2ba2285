// A neighbour whose answers the test decides, when it decides.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "orewatch/registry/v1/registry.pb.h"
#include "prometheus/registry.h"
#include "services/gateway/client/backend.h"
#include "services/gateway/client/timers.h"

namespace orewatch::gateway {

// Holds what it is asked until it is told what to say. Thread-compatible.
class FakeBackend final : public Backend {
 public:
  void Ask(const QuestionPtr& question, Answered answered) override {
    asked.push_back(question);
    pending_.push_back(std::move(answered));
  }
  // To the oldest question that is open.
  void Say(absl::StatusOr<Reply> reply) {
    Answered answered = std::move(pending_.front());
    pending_.pop_front();
    answered(std::move(reply));
  }
  // One facility, at a revision.
  void SayFacility(const std::string& name, int64_t revision) {
    auto list = std::make_shared<registry::v1::ListFacilitiesResponse>();
    list->add_facilities()->set_name(name);
    list->mutable_revision()->set_number(revision);
    Say(Reply{std::move(list), absl::OkStatus(), {}, false});
  }
  size_t open() const { return pending_.size(); }

  std::vector<QuestionPtr> asked;

 private:
  std::deque<Answered> pending_;
};

// Runs what is due when the test says so.
class FakeTimers final : public Timers {
 public:
  void After(absl::Duration delay, std::function<void()> task) override {
    delays.push_back(delay);
    tasks_.push_back(std::move(task));
  }
  void RunNext() {
    std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    task();
  }
  std::vector<absl::Duration> delays;

 private:
  std::deque<std::function<void()>> tasks_;
};

inline Marks FacilitiesMarks(const google::protobuf::Message& message) {
  const auto number = static_cast<const registry::v1::ListFacilitiesResponse&>(message).revision().number();
  return {number, number};
}

inline Question FacilitiesOf(const std::string& supplier, const std::string& principal, absl::Time deadline) {
  registry::v1::ListFacilitiesRequest request;
  request.set_parent(supplier);
  Question question;
  question.method = "/orewatch.registry.v1.Registry/ListFacilities";
  question.encoded = request.SerializeAsString();
  question.request = std::make_shared<registry::v1::ListFacilitiesRequest>(request);
  question.prototype = &registry::v1::ListFacilitiesResponse::default_instance();
  question.marks_of = FacilitiesMarks;
  question.caller.principal = principal;
  question.deadline = deadline;
  return question;
}

// What came of a question.
struct Answer {
  int count = 0;
  absl::StatusOr<Reply> reply = absl::UnknownError("not answered");
  Answered Take() {
    return [this](absl::StatusOr<Reply> said) {
      ++count;
      reply = std::move(said);
    };
  }
  std::string name() const {
    return static_cast<const registry::v1::ListFacilitiesResponse&>(*reply->message).facilities(0).name();
  }
};

}  // namespace orewatch::gateway
