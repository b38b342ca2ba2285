// Scores to and from their messages.
#pragma once

#include "orewatch/risk/v1/score.pb.h"
#include "orewatch/type/v1/types.pb.h"
#include "services/alerting/domain/score.h"
#include "services/alerting/record/state.pb.h"

namespace orewatch::alerting {

void ToProto(const ScoreKey& key, risk::v1::ScoreKey& out);
ScoreKey FromProto(const risk::v1::ScoreKey& key);

void ToProto(const Revision& revision, type::v1::Revision& out);
Revision FromProto(const type::v1::Revision& revision);

void ToRecord(const Certainty& certainty, record::Certainty& out);
Certainty FromRecord(const record::Certainty& certainty);

void ToRecord(const ScoreValue& score, record::Score& out);
ScoreValue FromRecord(const record::Score& score);

}  // namespace orewatch::alerting
