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
/** The file system's clock may be some milliseconds behind. */
const AGE_SLACK_MS = 50;
/** Files read to their end that are known again if somebody writes to them later. */
const REMEMBERED_MAX = 1000;
/** Names that are looked after, for each file that may be open. */
const NAMES_PER_FILE = 4;

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
  /** When the round before this one began, that of an earlier process too; `undefined` if there was none. */
  private lastRoundWallMs: number | undefined;
  /** Who had each name in the round before; `undefined` if nobody. */
  private readonly names = new Map<string, string | undefined>();
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
      const { positions, names, wallMs, broken } = await loadPositions(checkpoint, this.files);
      this.remembered = positions;
      this.lastRoundWallMs = wallMs;
      for (const path of names) this.names.set(path, undefined);
      for (const { path, identity } of positions) this.names.set(path, identity);
      if (broken)
        this.parts.log.warn('W_TAIL_CHECKPOINT', `cannot read ${checkpoint}: files are read as if it were not there`);
    }
    for (const path of this.settings.paths)
      if (!path.includes('*') && !this.names.has(path)) this.names.set(path, undefined);
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
    for (const file of this.following) this.noteName(file, seen);
    await this.findMissed(seen);
    for (const [path, identity] of seen)
      if (!this.following.some((file) => file.identity === identity)) await this.follow(path, identity);
  }

  private noteName(file: TailFile, seen: ReadonlyMap<string, string>): void {
    const named = [...seen].find(([, identity]) => identity === file.identity);
    if (named !== undefined) {
      file.path = named[0];
      file.goneSinceMs = undefined;
    } else file.goneSinceMs ??= this.parts.ports.clock.nowMs();
  }

  /** Files that had a name only between two looks, or while no agent ran, are found beside it by their age. */
  private async findMissed(seen: ReadonlyMap<string, string>): Promise<void> {
    const sinceMs = this.lastRoundWallMs;
    const known = new Set([...seen.values(), ...[...this.following, ...this.ended].map(({ identity }) => identity)]);
    for (const path of new Set([...this.names.keys(), ...seen.keys()])) {
      const before = this.names.get(path);
      const now = seen.get(path);
      this.names.set(path, now);
      // Who has had the name all the time has not left it to anybody.
      if (sinceMs === undefined || (before === now && now !== undefined)) continue;
      const siblings = await findSiblings(path, this.files);
      const missed = siblings.filter(
        ({ modifiedMs, identity }) => modifiedMs >= sinceMs - AGE_SLACK_MS && !known.has(identity),
      );
      missed.sort((a, b) => a.modifiedMs - b.modifiedMs);
      for (const { path: found, identity } of missed) {
        known.add(identity);
        if (await this.follow(found, identity, true)) this.noteGone(identity);
      }
    }
    this.forgetNames();
  }

  private noteGone(identity: string): void {
    const added = this.following.at(-1);
    if (added?.identity === identity) added.goneSinceMs = this.parts.ports.clock.nowMs();
  }

  /** Names that nobody has are kept within bounds. */
  private forgetNames(): void {
    for (const [path, identity] of this.names) {
      if (this.names.size <= NAMES_PER_FILE * this.settings.filesMax) return;
      if (identity === undefined) this.names.delete(path);
    }
  }

  /** Files that were rotated while the agent was down are read to their end under their new names. */
  private async findRemembered(seen: ReadonlySet<string>): Promise<void> {
    for (const { path, identity } of this.remembered) {
      if (seen.has(identity)) continue;
      const sibling = (await findSiblings(path, this.files)).find((found) => found.identity === identity);
      if (sibling !== undefined && (await this.follow(sibling.path, identity))) this.noteGone(identity);
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
  private async follow(path: string, identity: string, isNew = false): Promise<boolean> {
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
      const wasThere = this.isFirst && !isNew && !this.remembered.some((position) => position.path === path);
      const isOld = wasThere && known === undefined && this.settings.from === 'end';
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
      if (!file.isSettled) this.ended.push(file);
      else {
        this.remember(file);
        this.unsaved = true;
      }
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
      for (const file of this.ended) if (file.isSettled) this.remember(file);
      this.ended = this.ended.filter((file) => !file.isSettled);
      this.unsaved = true;
    });
  }

  private remember({ path, identity, settledOffset, fingerprint }: TailFile): void {
    const others = this.remembered.filter((position) => position.identity !== identity);
    this.remembered = [...others, { path, identity, offset: settledOffset, fingerprint }].slice(-REMEMBERED_MAX);
  }

  private save(): void {
    const { checkpoint } = this.settings;
    if (checkpoint === undefined || !this.unsaved) return;
    this.unsaved = false;
    const positions = [...this.ended, ...this.following].map(({ path, identity, settledOffset, fingerprint }) => ({
      ...{ path, identity, offset: settledOffset, fingerprint },
    }));
    const names = [...this.names.keys()];
    const wallMs = this.lastRoundWallMs ?? 0;
    this.saving = this.saving
      .then(() => savePositions(checkpoint, { positions, names, wallMs }, this.files))
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
