// The scenarios of a catalogue, in the profile that is asked for; one that has no such profile is run as it is,
// such as the founding outage, which needs its minute.

import { HarnessError } from '../core/errors.ts';
import type { PartRegistry } from '../model/engine.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Catalogue } from '../scenario/catalogue.ts';
import { loadScenario } from '../scenario/load.ts';

/** A scenario and the profile that it was loaded with. */
export interface LoadedScenario {
  scenario: Scenario;
  profile: string;
}

/** Loads all of a catalogue. Throws HarnessError for a bad file. */
export function loadScenarios({
  catalogue,
  registry,
  profile,
}: {
  catalogue: Catalogue;
  registry: PartRegistry;
  profile: string;
}): LoadedScenario[] {
  const load = (id: string, name: string): LoadedScenario => ({
    scenario: loadScenario(id, { catalogue, registry, profile: name }),
    profile: name,
  });
  return catalogue.scenarios().map(({ id }) => {
    try {
      return load(id, profile);
    } catch (error) {
      if (error instanceof HarnessError && error.code === 'E_SCENARIO_PROFILE') return load(id, 'full');
      throw error;
    }
  });
}
