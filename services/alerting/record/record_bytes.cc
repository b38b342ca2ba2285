#include "services/alerting/record/record_bytes.h"

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "google/protobuf/message_lite.h"
#include "services/alerting/record/alert_message.h"
#include "services/alerting/record/delivery_message.h"
#include "services/alerting/record/fact_message.h"
#include "services/alerting/record/position_message.h"
#include "services/alerting/record/rule_message.h"
#include "services/alerting/record/score_message.h"

namespace orewatch::alerting {
namespace {

template <typename Message, typename Value>
std::string Write(const Value& value) {
  Message message;
  ToRecord(value, message);
  return message.SerializeAsString();
}

absl::Status Corrupt(const google::protobuf::MessageLite& message) {
  return MakeError(absl::StatusCode::kDataLoss, "RECORD_CORRUPT",
                   absl::StrCat("the store holds what is no ", message.GetTypeName()));
}

absl::Status Parse(absl::string_view bytes, google::protobuf::MessageLite& message) {
  const bool parsed = message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  return parsed ? absl::OkStatus() : Corrupt(message);
}

absl::StatusOr<Rule> Checked(const v1::Rule& message) {
  FieldViolations violations;
  Rule rule = FromProto(message, violations);
  if (!violations.empty()) {
    return Corrupt(message);
  }
  return rule;
}

template <typename Message, typename Value>
absl::StatusOr<Value> Read(absl::string_view bytes) {
  Message message;
  OREWATCH_RETURN_IF_ERROR(Parse(bytes, message));
  return FromRecord(message);
}

}  // namespace

std::string BytesOf(const Rule& rule) { return ToProto(rule).SerializeAsString(); }
std::string BytesOf(const ScoreValue& score) { return Write<record::Score>(score); }
std::string BytesOf(const Fact& fact) { return Write<record::Fact>(fact); }
std::string BytesOf(const Alert& alert) { return Write<record::Alert>(alert); }
std::string BytesOf(const Transition& transition) { return Write<record::Transition>(transition); }
std::string BytesOf(const Answer& answer) {
  record::Answer message;
  if (const auto* alert = std::get_if<Alert>(&answer)) {
    ToRecord(*alert, *message.mutable_alert());
  } else {
    *message.mutable_rule() = ToProto(std::get<Rule>(answer));
  }
  return message.SerializeAsString();
}
std::string BytesOf(const Delivery& delivery) { return Write<record::Delivery>(delivery); }
std::string BytesOf(const WorldPosition& position) { return Write<record::Position>(position); }

absl::StatusOr<Rule> RuleOf(absl::string_view bytes) {
  v1::Rule message;
  OREWATCH_RETURN_IF_ERROR(Parse(bytes, message));
  return Checked(message);
}

absl::StatusOr<Answer> AnswerOf(absl::string_view bytes) {
  record::Answer message;
  OREWATCH_RETURN_IF_ERROR(Parse(bytes, message));
  if (message.has_alert()) {
    return FromRecord(message.alert());
  }
  OREWATCH_ASSIGN_OR_RETURN(Rule rule, Checked(message.rule()));
  return rule;
}

absl::StatusOr<ScoreValue> ScoreOf(absl::string_view bytes) { return Read<record::Score, ScoreValue>(bytes); }
absl::StatusOr<Fact> FactOf(absl::string_view bytes) { return Read<record::Fact, Fact>(bytes); }
absl::StatusOr<Alert> AlertOf(absl::string_view bytes) { return Read<record::Alert, Alert>(bytes); }
absl::StatusOr<Transition> TransitionOf(absl::string_view bytes) { return Read<record::Transition, Transition>(bytes); }
absl::StatusOr<Delivery> DeliveryOf(absl::string_view bytes) { return Read<record::Delivery, Delivery>(bytes); }
absl::StatusOr<WorldPosition> PositionOf(absl::string_view bytes) {
  return Read<record::Position, WorldPosition>(bytes);
}

}  // namespace orewatch::alerting
