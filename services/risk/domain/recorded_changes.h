// What has to be recorded so that history goes on to a model.
#pragma once

#include <vector>

#include "services/risk/domain/model.h"
#include "services/risk/domain/score_record.h"

namespace orewatch::risk {

// Each record is of the revision of `after`, and says why it differs from the one before, all revisions in between
// taken together. Ordered by key. `before` is an earlier model.
std::vector<ScoreRecord> RecordedChanges(const Model& before, const Model& after);

// The same from what has been recorded last: pass it in order of keys, then finish. The model outlives the object.
class ChangesSinceRecords {
 public:
  explicit ChangesSinceRecords(const Model& after);
  // The last of a key.
  void Pass(const ScoreRecord& recorded);
  // What no record has spoken of is new; why is not known unless the model has seen it come.
  std::vector<ScoreRecord> Finish();

 private:
  void AddNew();

  const Model& after_;
  Model::Scores::const_iterator next_;
  std::vector<ScoreRecord> changes_;
};

}  // namespace orewatch::risk
