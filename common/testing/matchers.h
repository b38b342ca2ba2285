// GoogleTest matchers for statuses and protos.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"

namespace orewatch::testing {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& status_or) {
  return status_or.status();
}

MATCHER(IsOk, "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

// A status or StatusOr with this code.
MATCHER_P(HasCode, code, "has code " + absl::StatusCodeToString(code)) {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code;
}

// ... and this reason in its ErrorInfo.
MATCHER_P2(HasError, code, reason,
           "has code " + absl::StatusCodeToString(code) + " and reason " + std::string(reason)) {
  *result_listener << StatusOf(arg).ToString() << " reason " << ErrorReason(StatusOf(arg));
  return StatusOf(arg).code() == code && ErrorReason(StatusOf(arg)) == reason;
}

// INVALID_ARGUMENT whose BadRequest names `field`.
MATCHER_P(BlamesField, field, "blames field " + std::string(field)) {
  *result_listener << StatusOf(arg).ToString();
  if (StatusOf(arg).code() != absl::StatusCode::kInvalidArgument) {
    return false;
  }
  for (const auto& [name, description] : ViolationsOf(StatusOf(arg))) {
    *result_listener << "\n  " << name << ": " << description;
    if (name == field) {
      return true;
    }
  }
  return false;
}

// Equal to the message, field by field.
MATCHER_P(EqualsProto, expected, "equals\n" + expected.DebugString()) {
  std::string difference;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&difference);
  const bool equal = differencer.Compare(expected, arg);
  *result_listener << difference;
  return equal;
}

// Equal to the message in text format.
template <typename Message>
Message ParseProto(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

}  // namespace orewatch::testing
