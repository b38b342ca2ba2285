// Projects, requirements, agreements and free capacity of the registry as facts.
#pragma once

#include "orewatch/registry/v1/resources.pb.h"
#include "services/risk/domain/project_records.h"

namespace orewatch::risk {

// Adds an entry, or that it is gone; others than those are passed over. Of a facility that had other outputs before,
// add that the former is gone first.
void AddProjectEntry(const registry::v1::Entry& entry, bool present, ProjectChanges& changes);

// An agreement as one that binds trade, whoever may read it.
TradeAgreement TradeAgreementOf(const registry::v1::Agreement& agreement);
bool BindsTrade(const registry::v1::Agreement& agreement);

}  // namespace orewatch::risk
