// Facts to and from their messages.
#pragma once

#include "services/alerting/domain/fact.h"
#include "services/alerting/record/state.pb.h"

namespace orewatch::alerting {

void ToRecord(const Spell& spell, record::Spell& out);
Spell FromRecord(const record::Spell& spell);

void ToRecord(const Happened& happened, record::Happened& out);
Happened FromRecord(const record::Happened& happened);

void ToRecord(const Fact& fact, record::Fact& out);
Fact FromRecord(const record::Fact& fact);

}  // namespace orewatch::alerting
