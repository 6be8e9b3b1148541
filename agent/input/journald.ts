// The journald input: reads the journal through `journalctl --follow --output=export`, and remembers the cursor of what is
// settled. When journalctl ends, it is started again behind the last entry.

import { type JournalEntry, JournalExport } from '../codec/journal-export.ts';
import { systemCodeOf } from '../errors.ts';
import type { ChildProcess, Files, Timer } from '../ports.ts';
import type { Input, InputParts } from './input.ts';
import { JournalPieces } from './journal-pieces.ts';
import { loadText, saveText } from './state-file.ts';

/** Settings of a journald input, see config/input-journald.ts. */
export interface JournaldSettings {
  /** journalctl, with what its user wants besides: `[journalctl, --unit=docker]`. */
  command: readonly string[];
  checkpoint?: string | undefined;
  /** Where to begin without a checkpoint. */
  from: 'start' | 'end';
  messageMax: number;
}

const FIELDS = [
  ...[
    '__CURSOR',
    '__REALTIME_TIMESTAMP',
    '_SOURCE_REALTIME_TIMESTAMP',
    'MESSAGE',
    'SYSLOG_IDENTIFIER',
    '_SYSTEMD_UNIT',
    '_COMM',
  ],
  ...[
    'CONTAINER_NAME',
    'CONTAINER_TAG',
    'CONTAINER_ID_FULL',
    'CONTAINER_PARTIAL_MESSAGE',
    'CONTAINER_PARTIAL_ID',
    'PRIORITY',
  ],
];
const RESTART_MS_MIN = 1000;
const RESTART_MS_MAX = 60_000;

/** Starts journalctl. What fails later is tried again. */
export async function startJournaldInput(settings: JournaldSettings, parts: InputParts): Promise<Input> {
  const journald = new Journald(settings, parts);
  await journald.start();
  return journald;
}

class Journald implements Input {
  readonly url = 'journald:';
  private readonly settings: JournaldSettings;
  private readonly parts: InputParts;
  private readonly files: Files;
  private readonly pieces: JournalPieces;
  private child: ChildProcess | undefined;
  private timer: Timer | undefined;
  private restartMs = RESTART_MS_MIN;
  private paused = false;
  private stopped = false;
  private marking = false;
  /** Behind this entry all pieces are whole: reading may begin again there. */
  private safeCursor = '';
  private settledCursor = '';
  private savedCursor = '';
  private saving: Promise<void> = Promise.resolve();

  constructor(settings: JournaldSettings, parts: InputParts) {
    this.settings = settings;
    this.parts = parts;
    this.files = parts.ports.files;
    this.pieces = new JournalPieces(settings.messageMax);
  }

  get connections(): number {
    return this.child === undefined ? 0 : 1;
  }

  async start(): Promise<void> {
    const { checkpoint } = this.settings;
    if (checkpoint !== undefined)
      this.safeCursor = this.settledCursor = (await loadText(checkpoint, this.files)).trim();
    this.savedCursor = this.settledCursor;
    this.run();
  }

  setPaused(paused: boolean): void {
    this.paused = paused;
    if (paused) this.child?.pause();
    else this.child?.resume();
  }

  async stopAccepting(): Promise<void> {
    this.close();
  }

  close(): void {
    this.stopped = true;
    this.timer?.cancel();
    this.child?.kill();
    this.child = undefined;
  }

  async drained(): Promise<void> {
    this.save();
    await this.saving;
  }

  private run(): void {
    const [command = 'journalctl', ...own] = this.settings.command;
    const where =
      this.safeCursor !== ''
        ? [`--after-cursor=${this.safeCursor}`]
        : this.settings.from === 'end'
          ? ['--lines=0']
          : ['--no-tail'];
    const journal = new JournalExport({
      fields: FIELDS,
      entryMax: this.settings.messageMax,
      take: (entry) => this.take(entry),
    });
    const child = this.parts.ports.processes.start([command, ...own, '--follow', '--output=export', ...where], {
      onRead: (bytes) => {
        if (this.child !== child) return;
        this.parts.counters.totals.bytesRead += bytes.length;
        if (!journal.push(bytes)) {
          this.parts.log.warn(
            'W_JOURNAL',
            'journalctl writes something else than the export format; it is started again',
          );
          child.kill();
        } else {
          this.restartMs = RESTART_MS_MIN;
          this.mark();
        }
      },
      onExit: (why) => this.ended(child, why),
    });
    this.child = child;
    if (this.paused) child.pause();
  }

  private ended(child: ChildProcess, why: string): void {
    if (this.child !== child || this.stopped) return;
    this.child = undefined;
    // What came before the last whole line is read again: its pieces begin anew.
    this.pieces.clear();
    this.parts.log.warn('W_JOURNAL', `journalctl ended (${why}); next start in ${this.restartMs / 1000} s`);
    this.timer = this.parts.ports.clock.setTimer(() => this.run(), this.restartMs);
    this.restartMs = Math.min(2 * this.restartMs, RESTART_MS_MAX);
  }

  private take(entry: JournalEntry): void {
    const { lines, counters } = this.parts;
    const text = (key: string): string => Buffer.from(entry.get(key) ?? NOTHING).toString('utf8');
    const message = entry.get('MESSAGE');
    if (message === undefined) counters.totals.ignored++;
    else {
      const line = this.pieces.join(entry, message);
      if (line !== undefined) {
        const tag =
          text('CONTAINER_TAG') || text('SYSLOG_IDENTIFIER') || text('_SYSTEMD_UNIT') || text('_COMM') || 'journal';
        const micros = Number(text('_SOURCE_REALTIME_TIMESTAMP') || text('__REALTIME_TIMESTAMP')) || 0;
        const seconds = Math.floor(micros / 1e6);
        const target = lines.target(tag, text('CONTAINER_NAME'));
        if (lines.isOwn(text('CONTAINER_ID_FULL'))) lines.dropOwn(target, line.length);
        else lines.takeLine(target, line, 0, line.length, seconds, (micros - seconds * 1e6) * 1000);
      }
    }
    if (!this.pieces.isOpen && entry.has('__CURSOR')) this.safeCursor = text('__CURSOR');
  }

  private mark(): void {
    const cursor = this.safeCursor;
    if (this.marking || cursor === this.settledCursor) return;
    this.marking = true;
    this.parts.keeper.whenSettled(() => {
      this.marking = false;
      this.settledCursor = cursor;
      this.save();
      this.mark();
    });
  }

  private save(): void {
    const { checkpoint } = this.settings;
    if (checkpoint === undefined) return;
    this.saving = this.saving.then(async () => {
      const cursor = this.settledCursor;
      if (cursor === this.savedCursor) return;
      try {
        await saveText(checkpoint, `${cursor}\n`, this.files);
        this.savedCursor = cursor;
      } catch (error) {
        this.parts.log.warn(
          'W_JOURNAL',
          `cannot write ${checkpoint}: ${systemCodeOf(error)}; lines since the last one may come twice`,
        );
      }
    });
  }
}

const NOTHING = new Uint8Array(0);
