// Planted defect: reads nothing from its socket while a push of its own waits for an answer. Behind a synchronous driver
// a slow sink then stalls the apps.

import { startForwarder } from '../../lib/forwarder.mjs';

await startForwarder({
  beforePush: (forwarder) => forwarder.stopReading(),
  afterPush: (forwarder) => forwarder.resumeReading(),
});
