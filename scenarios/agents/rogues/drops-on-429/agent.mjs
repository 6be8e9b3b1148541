// Planted defect: takes 429, "too many requests", for a refusal for good and throws the batch away.

import { startForwarder } from '../../lib/forwarder.mjs';

await startForwarder({ refused: ({ answer, advice }) => (answer.status === 429 ? 'drop' : advice) });
