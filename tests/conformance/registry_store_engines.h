// The engines of the registry's store, as the conformance suite drives them.
#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "common/time/clock.h"
#include "services/registry/store/store.h"

namespace orewatch::registry {

// Storage of one test, empty at first and gone with the object.
class StoreEngine {
 public:
  virtual ~StoreEngine() = default;
  // Opens what is stored. Every store is closed before the engine is.
  virtual std::unique_ptr<RegistryStore> Open(const Clock& clock) = 0;
  // Leaves what a crash of machine and process at this moment would leave, under stores that are still open. The next
  // Open finds it.
  virtual void Crash() = 0;
  // Keeps a copy of what is stored, and puts it in the place of what has become of it. No store is open.
  virtual void Save() = 0;
  virtual void Restore() = 0;
  // Why several processes cannot share this storage; empty if they can.
  virtual std::string WhyNotShared() const = 0;
};

struct EngineCase {
  std::string name;
  std::unique_ptr<StoreEngine> (*make)();

  friend std::ostream& operator<<(std::ostream& out, const EngineCase& engine) { return out << engine.name; }
};

const std::vector<EngineCase>& AllEngines();

}  // namespace orewatch::registry
