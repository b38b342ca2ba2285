#include "services/alerting/store/sqlite/attention_text.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace orewatch::alerting {
namespace {

// Fields one behind another, each after its length: `3:abc`.
class Fields {
 public:
  Fields& Add(absl::string_view field) {
    absl::StrAppend(&text_, field.size(), ":", field);
    return *this;
  }
  Fields& Add(absl::Time time) { return Add(absl::StrCat(absl::ToUnixNanos(time))); }
  Fields& Add(const Visibility& visibility) {
    Add(visibility.owner).Add(absl::StrCat(visibility.readers.size()));
    for (const std::string& reader : visibility.readers) {
      Add(reader);
    }
    return *this;
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

// Gives empty fields at the end, and where the text is none of ours.
class FieldReader {
 public:
  explicit FieldReader(absl::string_view text) : rest_(text) {}

  std::string Text() {
    const size_t colon = rest_.find(':');
    size_t size = 0;
    if (colon == absl::string_view::npos || !absl::SimpleAtoi(rest_.substr(0, colon), &size) ||
        size > rest_.size() - colon - 1) {
      rest_ = {};
      return "";
    }
    std::string field(rest_.substr(colon + 1, size));
    rest_.remove_prefix(colon + 1 + size);
    return field;
  }
  int64_t Number() {
    int64_t number = 0;
    return absl::SimpleAtoi(Text(), &number) ? number : 0;
  }
  absl::Time Time() { return absl::FromUnixNanos(Number()); }
  Visibility Sight() {
    Visibility visibility{.owner = Text(), .readers = {}};
    for (int64_t left = Number(); left > 0 && !rest_.empty(); --left) {
      visibility.readers.push_back(Text());
    }
    return visibility;
  }

 private:
  absl::string_view rest_;
};

}  // namespace

std::string VisibilityText(const Visibility& visibility) { return Fields().Add(visibility).Take(); }

Visibility ReadVisibility(absl::string_view text) { return FieldReader(text).Sight(); }

std::string AttentionText(const Alert& alert) {
  Fields fields;
  fields.Add(alert.assignee).Add(alert.resolved_by_hand ? "1" : "0");
  fields.Add(absl::StrCat(static_cast<int>(alert.resolve_reason)));
  fields.Add(alert.visibility).Add(alert.subject_visibility);
  fields.Add(alert.acknowledgement.has_value() ? "1" : "0");
  if (const auto& ack = alert.acknowledgement; ack.has_value()) {
    fields.Add(ack->principal).Add(ack->time).Add(ack->comment).Add(ack->expire_time);
    fields.Add(ack->remind_time.has_value() ? "1" : "0").Add(ack->remind_time.value_or(ack->expire_time));
  }
  fields.Add(alert.snooze.has_value() ? "1" : "0");
  if (const auto& snooze = alert.snooze; snooze.has_value()) {
    fields.Add(snooze->principal).Add(snooze->time).Add(snooze->comment).Add(snooze->expire_time);
  }
  return fields.Take();
}

void ReadAttention(absl::string_view text, Alert& alert) {
  FieldReader fields(text);
  alert.assignee = fields.Text();
  alert.resolved_by_hand = fields.Number() != 0;
  alert.resolve_reason = static_cast<Reason>(fields.Number());
  alert.visibility = fields.Sight();
  alert.subject_visibility = fields.Sight();
  if (fields.Number() != 0) {
    Acknowledgement ack{
        .principal = fields.Text(), .time = fields.Time(), .comment = fields.Text(), .expire_time = fields.Time()};
    const bool to_remind = fields.Number() != 0;
    const absl::Time remind = fields.Time();
    ack.remind_time = to_remind ? std::optional(remind) : std::nullopt;
    alert.acknowledgement = std::move(ack);
  }
  if (fields.Number() != 0) {
    alert.snooze = {
        .principal = fields.Text(), .time = fields.Time(), .comment = fields.Text(), .expire_time = fields.Time()};
  }
}

}  // namespace orewatch::alerting
