// Every field that is stored comes back: each is filled by its descriptor, so that one that a conversion forgets fails
// here.
#include <cstdint>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "services/alerting/record/alert_message.h"
#include "services/alerting/record/delivery_message.h"
#include "services/alerting/record/fact_message.h"
#include "services/alerting/record/position_message.h"
#include "services/alerting/record/record_bytes.h"
#include "services/alerting/record/rule_message.h"
#include "services/alerting/record/score_message.h"

namespace orewatch::alerting {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::orewatch::testing::HasError;
using ::orewatch::testing::IsOk;

// Gives each field a value that no other has. Of a oneof the last field stays.
class Filler {
 public:
  void Fill(Message& message) {
    for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
      FillField(*message.GetDescriptor()->field(i), message);
    }
  }

 private:
  void FillField(const FieldDescriptor& field, Message& message) {
    // Of a method that no rule can follow; and what only a resource within another has.
    if (field.full_name() == "orewatch.risk.v1.ScoreKey.normalization_n" ||
        field.full_name() == "orewatch.type.v1.Visibility.inherited") {
      return;
    }
    if (field.is_repeated()) {
      AddTwo(field, message);
      return;
    }
    const google::protobuf::Reflection& reflection = *message.GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return reflection.SetInt32(&message, &field, ++next_);
      case FieldDescriptor::CPPTYPE_INT64:
        return reflection.SetInt64(&message, &field, ++next_);
      case FieldDescriptor::CPPTYPE_UINT64:
        return reflection.SetUInt64(&message, &field, static_cast<uint64_t>(++next_));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return reflection.SetDouble(&message, &field, ++next_ + 0.1);
      case FieldDescriptor::CPPTYPE_BOOL:
        return reflection.SetBool(&message, &field, true);
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection.SetString(&message, &field, NextText(field));
      case FieldDescriptor::CPPTYPE_ENUM:
        return reflection.SetEnum(&message, &field, field.enum_type()->value(field.enum_type()->value_count() - 1));
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Fill(*reflection.MutableMessage(&message, &field));
      default:
        FAIL() << field.full_name() << " is of a type that is not filled";
    }
  }
  void AddTwo(const FieldDescriptor& field, Message& message) {
    const google::protobuf::Reflection& reflection = *message.GetReflection();
    for (int i = 0; i < 2; ++i) {
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        reflection.AddString(&message, &field, NextText(field));
      } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
        reflection.AddEnum(&message, &field, field.enum_type()->value(i + 1));
      } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        Fill(*reflection.AddMessage(&message, &field));
      } else {
        FAIL() << field.full_name() << " is of a type that is not filled";
      }
    }
  }
  std::string NextText(const FieldDescriptor& field) {
    const std::string text = absl::StrCat("text-", ++next_);
    if (field.full_name() == "orewatch.alerting.v1.Rule.filter") {
      return absl::StrCat("subject = \"", text, "\"");
    }
    const bool names_a_rule = field.full_name() == "orewatch.alerting.v1.Rule.name" ||
                              field.full_name() == "orewatch.alerting.v1.Rule.inhibited_by";
    return absl::StrCat(names_a_rule ? "rules/" : "", text);
  }

  int next_ = 0;
};

template <typename T>
T Filled() {
  T message;
  Filler().Fill(message);
  return message;
}

template <typename T>
void ExpectReturns() {
  const T before = Filled<T>();
  T after;
  ToRecord(FromRecord(before), after);
  EXPECT_EQ(before.DebugString(), after.DebugString());
}

TEST(RecordTest, EveryFieldOfAScoreComesBack) { ExpectReturns<record::Score>(); }
TEST(RecordTest, EveryFieldOfAFactComesBack) { ExpectReturns<record::Fact>(); }
TEST(RecordTest, EveryFieldOfAnAlertComesBack) { ExpectReturns<record::Alert>(); }
TEST(RecordTest, EveryFieldOfATransitionComesBack) { ExpectReturns<record::Transition>(); }
TEST(RecordTest, EveryFieldOfADeliveryComesBack) { ExpectReturns<record::Delivery>(); }
TEST(RecordTest, EveryFieldOfAPositionComesBack) { ExpectReturns<record::Position>(); }

Rule Taken(const v1::Rule& message) {
  FieldViolations violations;
  Rule rule = FromProto(message, violations);
  EXPECT_THAT(violations.ToStatus(), IsOk()) << message.DebugString();
  return rule;
}

TEST(RecordTest, EveryFieldOfARuleComesBackWhateverItsCondition) {
  const google::protobuf::OneofDescriptor& condition = *v1::Rule::descriptor()->FindOneofByName("condition");
  for (int i = 0; i < condition.field_count(); ++i) {
    auto before = Filled<v1::Rule>();
    Filler().Fill(*before.GetReflection()->MutableMessage(&before, condition.field(i)));
    EXPECT_EQ(before.DebugString(), ToProto(Taken(before)).DebugString());
  }
}

TEST(RecordTest, WhatIsNotSetStaysUnset) {
  EXPECT_EQ(*ScoreOf(BytesOf(ScoreValue())), ScoreValue());
  EXPECT_EQ(*FactOf(BytesOf(Fact())), Fact());
  EXPECT_EQ(*AlertOf(BytesOf(Alert())), Alert());
  EXPECT_EQ(*PositionOf(BytesOf(WorldPosition())), WorldPosition());
}

TEST(RecordTest, BytesComeBackAsWhatTheyWere) {
  const Transition transition = FromRecord(Filled<record::Transition>());
  EXPECT_EQ(*TransitionOf(BytesOf(transition)), transition);
  const Rule rule = Taken(Filled<v1::Rule>());
  EXPECT_EQ(*RuleOf(BytesOf(rule)), rule);
}

TEST(RecordTest, AnAnswerIsARuleOrAnAlert) {
  const Answer rule = Taken(Filled<v1::Rule>());
  EXPECT_TRUE(*AnswerOf(BytesOf(rule)) == rule);
  const Answer alert = FromRecord(Filled<record::Alert>());
  EXPECT_TRUE(*AnswerOf(BytesOf(alert)) == alert);
  EXPECT_THAT(AnswerOf(""), HasError(absl::StatusCode::kDataLoss, "RECORD_CORRUPT"));
}

// What released binaries have written stays readable: the bytes are those of the fields' numbers.
TEST(RecordTest, BytesAreThoseOfEarlierReleases) {
  const ScoreValue score{.key = {.subject = "minerals/a", .stage = 3, .importer = "blocs/EU", .method = 3},
                         .value = 2.5,
                         .certainty = {.lower = 1.5, .upper = std::nullopt, .completeness = 2, .reasons = {"R"}},
                         .revision = 6};
  EXPECT_EQ(absl::BytesToHexString(BytesOf(score)),
            "0a1a0a0a6d696e6572616c732f6110031a08626c6f63732f45552003110000000000000440"
            "1a0e09000000000000f83f18022201522006");
}

TEST(RecordTest, ForeignBytesAreDataLoss) {
  EXPECT_THAT(AlertOf("\xff"), HasError(absl::StatusCode::kDataLoss, "RECORD_CORRUPT"));
  EXPECT_THAT(RuleOf("\xff"), HasError(absl::StatusCode::kDataLoss, "RECORD_CORRUPT"));
  EXPECT_THAT(RuleOf(v1::Rule().SerializeAsString()), HasError(absl::StatusCode::kDataLoss, "RECORD_CORRUPT"))
      << "it has no condition";
}

}  // namespace
}  // namespace orewatch::alerting
