// The program of `teller`: fd 3 brings NDJSON of what is due, each becomes one line on stdout.

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

createInterface({ input: createReadStream('', { fd: 3 }) }).on('line', (due) => {
  const { id } = JSON.parse(due);
  process.stdout.write(`${process.env.LARSEN_APP} was told of ${id} (seed ${process.env.LARSEN_SEED})\n`);
});
