// Numbers, flags and dates as text.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "orewatch/type/v1/types.pb.h"

namespace orewatch::ctl {

// Each returns INVALID_ARGUMENT with the text and what was expected.
absl::StatusOr<double> ParseNumber(absl::string_view text);
// The decimal number times ten to the power `exponent`, rounded but once: 0.123 thousand is the double nearest to 123.
absl::StatusOr<double> ParseScaled(absl::string_view text, int exponent);
absl::StatusOr<int32_t> ParseInteger(absl::string_view text);
// A year of which the registry keeps figures: 1900 to 2200.
absl::StatusOr<int32_t> ParseYear(absl::string_view text);
// `true` or `false`, `yes` or `no`, `1` or `0`.
absl::StatusOr<bool> ParseFlag(absl::string_view text);
// `2024`, `2024-07` or `2024-07-01`.
absl::StatusOr<type::v1::PartialDate> ParseDate(absl::string_view text);

// The shortest decimal that reads back as the same number.
std::string NumberText(double value);
std::string DateText(const type::v1::PartialDate& date);

}  // namespace orewatch::ctl
