#include "services/alerting/record/key_filter.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "common/filter/filter.h"
#include "common/status/status.h"
#include "orewatch/risk/v1/score.pb.h"
#include "services/alerting/record/score_message.h"

namespace orewatch::alerting {
namespace {

class ScoreKeyTest final : public KeyFilter::Test {
 public:
  explicit ScoreKeyTest(filter::Filter filter) : filter_(std::move(filter)) {}
  bool Passes(const ScoreKey& key) const override {
    // Every rule looks at every key of its method; the message is the cost of that.
    thread_local risk::v1::ScoreKey message;
    ToProto(key, message);
    return filter_.Matches(message);
  }

 private:
  const filter::Filter filter_;
};

ScoreKey KeyOf(const std::vector<filter::Equality>& equalities) {
  ScoreKey key;
  for (const filter::Equality& equality : equalities) {
    if (equality.path == "subject") {
      key.subject = equality.literal;
    } else if (equality.path == "importer") {
      key.importer = equality.literal;
    } else if (type::v1::Stage stage; equality.path == "stage" && type::v1::Stage_Parse(equality.literal, &stage)) {
      key.stage = stage;
    } else if (risk::v1::Method method;
               equality.path == "method" && risk::v1::Method_Parse(equality.literal, &method)) {
      key.method = method;
    }
  }
  return key;
}

}  // namespace

absl::StatusOr<KeyFilter> ParseKeyFilter(absl::string_view text) {
  if (text.empty()) {
    return KeyFilter();
  }
  OREWATCH_ASSIGN_OR_RETURN(filter::Filter parsed, filter::Filter::Parse(text, *risk::v1::ScoreKey::descriptor()));
  if (absl::StrContains(parsed.canonical(), "normalization_n")) {
    return InvalidField("filter", "must not name normalization_n: no rule can follow the method that it is for");
  }
  ScoreKey equalities = KeyOf(parsed.Equalities());
  return KeyFilter(std::string(text), std::move(equalities), std::make_shared<ScoreKeyTest>(std::move(parsed)));
}

}  // namespace orewatch::alerting
