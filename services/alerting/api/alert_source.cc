#include "services/alerting/api/alert_source.h"

#include <utility>
#include <vector>

#include "common/status/status.h"
#include "services/alerting/api/converters.h"

namespace orewatch::alerting {
namespace {

constexpr int64_t kPageSize = 100;

}  // namespace

AlertSource::AlertSource(AlertEngine& engine, int64_t after, rpc::Waker waker)
    : engine_(engine), sent_(after), subscription_(engine.transitions().Subscribe(std::move(waker))) {}

absl::StatusOr<rpc::Poll> AlertSource::Next(v1::WatchAlertsResponse& out) {
  const Position position = engine_.view().position();
  if (page_.empty() && sent_ < position.sequence) {
    OREWATCH_ASSIGN_OR_RETURN(std::vector<Transition> page, engine_.store().TransitionsAfter(sent_, kPageSize));
    page_.assign(std::make_move_iterator(page.begin()), std::make_move_iterator(page.end()));
  }
  if (page_.empty()) {
    return rpc::Poll::kWait;
  }
  const Transition transition = std::move(page_.front());
  page_.pop_front();
  sent_ = transition.after.sequence;
  const RuledAlert alert{.alert = transition.after, .rule = engine_.view().FindRule(transition.after.key.rule)};
  *out.mutable_alert() = ToProto(alert, position);
  *out.mutable_transition() = ToProto(transition);
  return rpc::Poll::kMessage;
}

}  // namespace orewatch::alerting
