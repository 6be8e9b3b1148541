// The tail input: follows files as they grow, are renamed, emptied, deleted and made again. It looks at them in rounds; a
// round finds files by their patterns, reads each to its end, and remembers how far it came once that is settled.
//
//   round: find ──► read (the oldest of a name first) ──► let go of what is gone and read ──► checkpoint

import type { Files } from '../ports.ts';
import { findPaths } from './glob.ts';
import type { Input, InputParts } from './input.ts';
import { loadPositions, savePositions } from './tail-checkpoints.ts';
import { hasFingerprint, readFingerprint, TailFile, type TailFileParts, type TailPosition } from './tail-file.ts';
import { findSiblings, tagOf } from './tail-names.ts';

/** Settings of a tail input, see config/input-tail.ts. */
export interface TailSettings {
  paths: readonly string[];
  format: 'lines' | 'docker-json-file';
  /** `{name}`, `{folder}` and `{path}` are filled in. */
  tag?: string | undefined;
  /** Where to begin in a file without a checkpoint that is there at the start; later ones are read whole. */
  from: 'start' | 'end';
  checkpoint?: string | undefined;
  poll: number;
  rotateWait: number;
  messageMax: number;
  filesMax: number;
}

/** One file may use so much of a round. */
const ROUND_BYTES = 1_048_576;

/** Starts to follow. */
export async function startTailInput(settings: TailSettings, parts: InputParts): Promise<Input> {
  const tail = new Tail(settings, parts);
  await tail.start();
  return tail;
}

class Tail implements Input {
  readonly url: string;
  private readonly settings: TailSettings;
  private readonly parts: InputParts;
  private readonly files: Files;
  private readonly fileParts: TailFileParts;
  /** In the order in which they are read. */
  private following: TailFile[] = [];
  /** Read to their end and closed, but not settled yet: their checkpoints stand. */
  private ended: TailFile[] = [];
  private remembered: TailPosition[] = [];
  private isFirst = true;
  private lastRoundWallMs = 0;
  private paused = false;
  private stopped = false;
  private marking = false;
  private unsaved = false;
  private round: Promise<void> = Promise.resolve();
  private saving: Promise<void> = Promise.resolve();

  constructor(settings: TailSettings, parts: InputParts) {
    this.settings = settings;
    this.parts = parts;
    this.files = parts.ports.files;
    this.url = `tail:${settings.paths.join(',')}`;
    const { totals } = parts.counters;
    this.fileParts = {
      lines: parts.lines,
      format: settings.format,
      lineMax: settings.messageMax,
      buffer: new Uint8Array(settings.messageMax),
      count: (what, by) => {
        totals[what] += by;
      },
    };
  }

  get connections(): number {
    return this.stopped ? 0 : this.following.length;
  }

  async start(): Promise<void> {
    const { checkpoint } = this.settings;
    if (checkpoint !== undefined) {
      const { positions, broken } = await loadPositions(checkpoint, this.files);
      this.remembered = positions;
      if (broken)
        this.parts.log.warn('W_TAIL_CHECKPOINT', `cannot read ${checkpoint}: files are read as if it were not there`);
    }
    this.schedule(0);
  }

  setPaused(paused: boolean): void {
    this.paused = paused;
  }

  async stopAccepting(): Promise<void> {
    this.stopped = true;
    await this.round;
  }

  close(): void {
    this.stopped = true;
  }

  /** What was delivered while the agent stopped is remembered before it ends. */
  async drained(): Promise<void> {
    await this.round;
    this.save();
    await this.saving;
    for (const file of this.following) await file.close().catch(() => {});
  }

  private schedule(delayMs: number): void {
    this.parts.ports.clock.setTimer(() => {
      if (this.stopped) return;
      this.round = this.runRound().then(
        (more) => this.schedule(more ? 0 : this.settings.poll),
        () => {
          this.warn('a round failed');
          this.schedule(this.settings.poll);
        },
      );
    }, delayMs);
  }

  /** True when there is more to read at once. */
  private async runRound(): Promise<boolean> {
    if (this.paused) return false;
    const wallMs = this.parts.ports.clock.wallMs();
    await this.find();
    this.lastRoundWallMs = wallMs;
    this.isFirst = false;
    let more = false;
    for (const file of [...this.following]) {
      if (this.paused || this.stopped) break;
      more = (await this.readQuietly(file)) || more;
    }
    if (!this.paused && !this.stopped) await this.letGo();
    this.mark();
    this.save();
    return more && !this.paused;
  }

  private async readQuietly(file: TailFile): Promise<boolean> {
    try {
      return await file.read(ROUND_BYTES);
    } catch (error) {
      this.warn(`cannot read ${file.path}: ${codeOf(error)}`);
      return false;
    }
  }

  private async find(): Promise<void> {
    const seen = new Map<string, string>();
    for (const pattern of this.settings.paths)
      for (const path of await findPaths(pattern, this.files)) {
        const identity = await this.identify(path);
        if (identity !== undefined) seen.set(path, identity);
      }
    if (this.isFirst) await this.findRemembered(new Set(seen.values()));
    for (const file of this.following) await this.noteName(file, seen);
    for (const [path, identity] of seen)
      if (!this.following.some((file) => file.identity === identity)) await this.follow(path, identity);
  }

  /** Where a file's name has gone to another, those in between that had the name for a moment are found by their names. */
  private async noteName(file: TailFile, seen: ReadonlyMap<string, string>): Promise<void> {
    const named = [...seen].find(([, identity]) => identity === file.identity);
    if (named !== undefined) {
      file.path = named[0];
      file.goneSinceMs = undefined;
      return;
    }
    if (file.goneSinceMs !== undefined) return;
    file.goneSinceMs = this.parts.ports.clock.nowMs();
    const siblings = await findSiblings(file.path, this.files);
    const missed = siblings.filter(({ modifiedMs }) => modifiedMs >= this.lastRoundWallMs);
    missed.sort((a, b) => a.modifiedMs - b.modifiedMs);
    for (const { path, identity } of missed)
      if (![...seen.values()].includes(identity) && !this.following.some((known) => known.identity === identity)) {
        await this.follow(path, identity);
        const added = this.following.at(-1);
        if (added?.identity === identity) added.goneSinceMs = file.goneSinceMs;
      }
  }

  /** Files that were rotated while the agent was down are read to their end under their new names. */
  private async findRemembered(seen: ReadonlySet<string>): Promise<void> {
    for (const { path, identity } of this.remembered) {
      if (seen.has(identity)) continue;
      const sibling = (await findSiblings(path, this.files)).find((found) => found.identity === identity);
      if (sibling === undefined || !(await this.follow(sibling.path, identity))) continue;
      const added = this.following.at(-1);
      if (added !== undefined) added.goneSinceMs = this.parts.ports.clock.nowMs();
    }
  }

  private async identify(path: string): Promise<string | undefined> {
    try {
      return (await this.files.stat(path)).identity;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') this.warn(`cannot look at ${path}: ${codeOf(error)}`);
      return undefined;
    }
  }

  /** Opens a file, at its checkpoint if it has one that its content still fits. */
  private async follow(path: string, identity: string): Promise<boolean> {
    if (this.following.length >= this.settings.filesMax) {
      this.warn(`${path} is not followed: filesMax (${this.settings.filesMax}) files are open`);
      return false;
    }
    try {
      const handle = await this.files.open(path, 'read');
      const { size, identity: opened } = await handle.stat();
      const known = this.remembered.find((position) => position.identity === identity);
      const resumes = known !== undefined && size >= known.offset && (await hasFingerprint(handle, known.fingerprint));
      if (opened !== identity) {
        await handle.close();
        return false;
      }
      // One that is known and holds something else by now was emptied: all of it is new.
      const isOld = this.isFirst && known === undefined && this.settings.from === 'end';
      const offset = resumes ? known.offset : isOld ? size : 0;
      const position = { path, identity, offset, fingerprint: await readFingerprint(handle) };
      this.following.push(new TailFile(handle, position, { ...this.fileParts, tag: tagOf(path, this.settings) }));
      this.unsaved = true;
      return true;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') this.warn(`cannot open ${path}: ${codeOf(error)}`);
      return false;
    }
  }

  /** A file whose name is gone is read until nobody has written to it for a while. */
  private async letGo(): Promise<void> {
    const nowMs = this.parts.ports.clock.nowMs();
    for (const file of [...this.following]) {
      if (file.goneSinceMs === undefined || nowMs - file.goneSinceMs < this.settings.rotateWait) continue;
      if (await this.readQuietly(file)) continue;
      await file.finish().catch(() => {});
      this.following = this.following.filter((other) => other !== file);
      this.ended.push(file);
    }
  }

  /** One mark at a time: what is read meanwhile waits for the next. */
  private mark(): void {
    if (this.marking) return;
    const read = [...this.following, ...this.ended].map((file) => ({ file, state: file.safeState }));
    if (read.every(({ file }) => file.isSettled)) return;
    this.marking = true;
    this.parts.keeper.whenSettled(() => {
      this.marking = false;
      for (const { file, state } of read) file.settle(state);
      this.ended = this.ended.filter((file) => !file.isSettled);
      this.unsaved = true;
    });
  }

  private save(): void {
    const { checkpoint } = this.settings;
    if (checkpoint === undefined || !this.unsaved) return;
    this.unsaved = false;
    const positions = [...this.ended, ...this.following].map(({ path, identity, settledOffset, fingerprint }) => ({
      ...{ path, identity, offset: settledOffset, fingerprint },
    }));
    this.saving = this.saving
      .then(() => savePositions(checkpoint, positions, this.files))
      .catch((error) => {
        this.unsaved = true;
        this.parts.log.warn(
          'W_TAIL_CHECKPOINT',
          `cannot write ${checkpoint}: ${codeOf(error)}; lines since the last one may come twice`,
        );
      });
  }

  private warn(text: string): void {
    this.parts.log.warn('W_TAIL', text);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'error';
}
