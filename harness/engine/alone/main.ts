// A part of ours that stands by itself, without a run: the media app and the recording hop as services of
// docker-compose.test.yml. The program stays that of a run; this is the parent that it needs.
//
//   node dist/harness/engine/alone/main.js media|recorder        settings by environment, see the two files

import type { PartProcess } from '../shared/part-process.ts';
import { startMedia } from './media.ts';
import { startRecorder } from './recorder.ts';

const STARTS: Readonly<Record<string, () => Promise<PartProcess>>> = { media: startMedia, recorder: startRecorder };

const [, , name = ''] = process.argv;
const start = STARTS[name];
if (!start) {
  process.stderr.write(`Expected one of ${Object.keys(STARTS).join(', ')}, got \`${name}\`\n`);
  process.exit(254);
}
const part = await start();
// As the first process of a container nobody else would end it.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void part.stop());
const { code, signal } = await part.exited;
process.exit(signal === null ? (code ?? 1) : 0);
