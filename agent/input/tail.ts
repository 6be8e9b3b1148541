// The tail input: follows files as they grow, are renamed, emptied, deleted and made again. It looks at them in rounds; a
// round finds files by their patterns, reads each to its end, and remembers how far it came once that is settled.
//
//   round: find ──► read (the oldest of a name first) ──► let go of what is gone and read ──► checkpoint

import { systemCodeOf } from '../errors.ts';
import type { Files } from '../ports.ts';
import { findPaths } from './glob.ts';
import type { Input, InputParts } from './input.ts';
import { hasFingerprint, readFingerprint, TailFile, type TailFileParts } from './tail-file.ts';
import { NameWatch } from './tail-name-watch.ts';
import { findSiblings, tagOf } from './tail-names.ts';
import { TailProgress } from './tail-progress.ts';

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
  private readonly watch: NameWatch;
  private readonly progress: TailProgress;
  /** In the order in which they are read. */
  private following: TailFile[] = [];
  private isFirst = true;
  private paused = false;
  private stopped = false;
  private round: Promise<void> = Promise.resolve();

  constructor(settings: TailSettings, parts: InputParts) {
    this.settings = settings;
    this.parts = parts;
    this.files = parts.ports.files;
    this.url = `tail:${settings.paths.join(',')}`;
    this.watch = new NameWatch(this.files, settings.filesMax);
    this.progress = new TailProgress(settings.checkpoint, parts);
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
    await this.progress.load(this.watch);
    this.watch.expect(this.settings.paths);
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
    this.progress.save(this.following, this.watch);
    await this.progress.saved();
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
    this.watch.lastRoundWallMs = wallMs;
    this.isFirst = false;
    let more = false;
    for (const file of [...this.following]) {
      if (this.paused || this.stopped) break;
      more = (await this.readQuietly(file)) || more;
    }
    if (!this.paused && !this.stopped) await this.letGo();
    this.progress.mark(this.following);
    this.progress.save(this.following, this.watch);
    return more && !this.paused;
  }

  private async readQuietly(file: TailFile): Promise<boolean> {
    try {
      return await file.read(ROUND_BYTES);
    } catch (error) {
      this.warn(`cannot read ${file.path}: ${systemCodeOf(error)}`);
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

  /** Files that had a name only between two looks, or while no agent ran. */
  private async findMissed(seen: ReadonlyMap<string, string>): Promise<void> {
    const open = [...this.following, ...this.progress.ended].map(({ identity }) => identity);
    for (const { path, identity } of await this.watch.findMissed(seen, new Set([...seen.values(), ...open])))
      if (await this.follow(path, identity, true)) this.noteGone(identity);
  }

  private noteGone(identity: string): void {
    const added = this.following.at(-1);
    if (added?.identity === identity) added.goneSinceMs = this.parts.ports.clock.nowMs();
  }

  /** Files that were rotated while the agent was down are read to their end under their new names. */
  private async findRemembered(seen: ReadonlySet<string>): Promise<void> {
    for (const { path, identity } of this.progress.remembered) {
      if (seen.has(identity)) continue;
      const sibling = (await findSiblings(path, this.files)).find((found) => found.identity === identity);
      if (sibling !== undefined && (await this.follow(sibling.path, identity))) this.noteGone(identity);
    }
  }

  private async identify(path: string): Promise<string | undefined> {
    try {
      return (await this.files.stat(path)).identity;
    } catch (error) {
      if (systemCodeOf(error) !== 'ENOENT') this.warn(`cannot look at ${path}: ${systemCodeOf(error)}`);
      return undefined;
    }
  }

  /** Opens a file, at its checkpoint if it has one that its content still fits. */
  private async follow(path: string, identity: string, isNew = false): Promise<boolean> {
    if (this.following.length >= this.settings.filesMax) {
      this.warn(`${path} is not followed: filesMax (${this.settings.filesMax}) files are open`);
      return false;
    }
    const { remembered } = this.progress;
    try {
      const handle = await this.files.open(path, 'read');
      const { size, identity: opened } = await handle.stat();
      const known = remembered.find((position) => position.identity === identity);
      const resumes = known !== undefined && size >= known.offset && (await hasFingerprint(handle, known.fingerprint));
      if (opened !== identity) {
        await handle.close();
        return false;
      }
      // One that is known and holds something else by now was emptied: all of it is new.
      const wasThere = this.isFirst && !isNew && !remembered.some((position) => position.path === path);
      const isOld = wasThere && known === undefined && this.settings.from === 'end';
      const offset = resumes ? known.offset : isOld ? size : 0;
      const position = { path, identity, offset, fingerprint: await readFingerprint(handle) };
      this.following.push(new TailFile(handle, position, { ...this.fileParts, tag: tagOf(path, this.settings) }));
      this.progress.touch();
      return true;
    } catch (error) {
      if (systemCodeOf(error) !== 'ENOENT') this.warn(`cannot open ${path}: ${systemCodeOf(error)}`);
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
      this.progress.end(file);
    }
  }

  private warn(text: string): void {
    this.parts.log.warn('W_TAIL', text);
  }
}
