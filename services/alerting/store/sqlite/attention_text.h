// What people did about an alert, and who may see it, as one column.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "services/alerting/domain/alert.h"
#include "services/alerting/domain/visibility.h"

namespace orewatch::alerting {

std::string VisibilityText(const Visibility& visibility);
Visibility ReadVisibility(absl::string_view text);

// Acknowledgement, snooze, assignee, hand and visibility of an alert; an empty text is of one without any.
std::string AttentionText(const Alert& alert);
void ReadAttention(absl::string_view text, Alert& alert);

}  // namespace orewatch::alerting
