// A logger in virtual time with everything around it, for tests.

import { createPrng } from '../../core/prng.ts';
import { createLineIdScanner, formatLineId } from '../../model/line-id.ts';
import type { LineRecord } from '../../model/line-record.ts';
import { createLineRecord, decodeLineRecord, encodeLineRecord, LINE_RECORD_BYTES } from '../../model/line-record.ts';
import type { LineWriter } from '../../model/line-writer.ts';
import type { DriverSpec } from '../../model/scenario.ts';
import { createLogger, type Logger } from '../logger.ts';
import { parseDriverOptions } from '../options.ts';
import { createTally, type Tally } from '../tally.ts';
import { createVirtualAgent, createVirtualTime, type VirtualAgent, type VirtualTime } from './virtual-agent.ts';

/** A driver spec with Docker's defaults. */
export function driverSpec(over: Partial<DriverSpec> = {}): DriverSpec {
  return {
    ...{ name: 'fluentd', docker: '20.10', address: 'unix', async: false, mode: 'blocking' },
    ...{ bufferLimit: 1_048_576, retryWaitMs: 1_000, options: {} },
    ...over,
  };
}

/** A logger and what surrounds it. */
export interface TestLogger {
  logger: Logger;
  tally: Tally;
  time: VirtualTime;
  agent: VirtualAgent;
  records: LineRecord[];
  /** Docker's error, null: started; undefined while it is open. */
  startError(): string | null | undefined;
  /** The app writes: as much as the shim takes; returns how many bytes it took. */
  write(text: string | Buffer, stream?: number): number;
}

/** A started logger for app `web` of run `abcdef`. */
export async function startTestLogger(over: Partial<DriverSpec> = {}, listening = true): Promise<TestLogger> {
  const time = createVirtualTime();
  const agent = createVirtualAgent(time);
  agent.listening = listening;
  const records: LineRecord[] = [];
  const settings = parseDriverOptions(driverSpec(over));
  const { reportsPerSecond, reportsPayload } = settings.generation;
  const reporting = { reportsPerSecond, reportsPayload };
  const tally = createTally({ clock: time, lines: collectRecords(records), recordReads: false, ...reporting });
  const logger = createLogger({
    settings,
    container: { id: '0'.repeat(64), name: 'app', labels: {}, env: {} },
    ...{ tag: 'web', clock: time, prng: createPrng(1), tally, createPeer: agent.createPeer },
    ids: { scanner: createLineIdScanner('abcdef', ['web']), appIndex: 0 },
    ...{ observe: null, countBackslashes: false, file: null, onWantsRead: () => undefined },
  });
  let error: string | null | undefined;
  void logger.start().then((result) => {
    error = result;
  });
  time.advance(0);
  await Promise.resolve();
  await Promise.resolve();
  return {
    ...{ logger, tally, time, agent, records },
    startError: () => error,
    write(text, stream = 0) {
      const bytes = Buffer.from(text);
      let at = 0;
      while (at < bytes.length && logger.streams[stream]!.wantsRead) {
        const chunk = bytes.subarray(at, at + 32_768);
        logger.streams[stream]!.push(chunk, chunk.length);
        at += chunk.length;
      }
      return at;
    },
  };
}

/** The text of line `seq`, `length` bytes with its id in front, without newline. */
export function testLine(seq: number, length = 99): string {
  return formatLineId({ run: 'abcdef', app: 'web', seq, canary: false, bytes: length, crc: 0 }).padEnd(length, 'x');
}

function collectRecords(records: LineRecord[]): LineWriter {
  const bytes = Buffer.alloc(LINE_RECORD_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    append(...fields) {
      encodeLineRecord(view, 0, ...fields);
      const record = createLineRecord();
      decodeLineRecord(view, 0, record);
      records.push(record);
    },
    flush: () => undefined,
    close: () => undefined,
  };
}
