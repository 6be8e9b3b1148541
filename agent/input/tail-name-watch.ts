// Who has had each name: a name that went from one file to another may have belonged to further ones in between, between two
// looks or while no agent ran. Rotation leaves them beside it, where they are found by their age.

import type { Files } from '../ports.ts';
import type { TailPosition } from './tail-file.ts';
import { findSiblings, type Sibling } from './tail-names.ts';

/** The file system's clock may be some milliseconds behind. */
const AGE_SLACK_MS = 50;
/** Names that are looked after, for each file that may be open. */
const NAMES_PER_FILE = 4;

/** See the file's comment. */
export class NameWatch {
  /** When the round before this one began, that of an earlier process too; `undefined` if there was none. */
  lastRoundWallMs: number | undefined;
  /** Who had each name in the round before; `undefined` if nobody. */
  private readonly owners = new Map<string, string | undefined>();
  private readonly files: Files;
  private readonly namesMax: number;

  /** @param filesMax files that may be open. */
  constructor(files: Files, filesMax: number) {
    this.files = files;
    this.namesMax = NAMES_PER_FILE * filesMax;
  }

  /** Takes up what an earlier process knew. */
  restore(left: { positions: readonly TailPosition[]; names: readonly string[]; wallMs: number | undefined }): void {
    this.lastRoundWallMs = left.wallMs;
    for (const path of left.names) this.owners.set(path, undefined);
    for (const { path, identity } of left.positions) this.owners.set(path, identity);
  }

  /** Names that are looked after although nobody may have them yet. */
  expect(paths: readonly string[]): void {
    for (const path of paths) if (!path.includes('*') && !this.owners.has(path)) this.owners.set(path, undefined);
  }

  get names(): Iterable<string> {
    return this.owners.keys();
  }

  /** Notes who has each name now; returns the files that had one meanwhile and are not `known`, oldest first for each name. */
  async findMissed(seen: ReadonlyMap<string, string>, known: ReadonlySet<string>): Promise<Sibling[]> {
    const sinceMs = this.lastRoundWallMs;
    const found = new Map<string, Sibling>();
    for (const path of new Set([...this.owners.keys(), ...seen.keys()])) {
      const before = this.owners.get(path);
      const now = seen.get(path);
      this.owners.set(path, now);
      // Who has had the name all the time has not left it to anybody.
      if (sinceMs === undefined || (before === now && now !== undefined)) continue;
      const missed = (await findSiblings(path, this.files)).filter(
        ({ modifiedMs, identity }) => modifiedMs >= sinceMs - AGE_SLACK_MS && !known.has(identity),
      );
      missed.sort((a, b) => a.modifiedMs - b.modifiedMs);
      for (const sibling of missed) if (!found.has(sibling.identity)) found.set(sibling.identity, sibling);
    }
    this.forgetNames();
    return [...found.values()];
  }

  /** Names that nobody has are kept within bounds. */
  private forgetNames(): void {
    for (const [path, identity] of this.owners) {
      if (this.owners.size <= this.namesMax) return;
      if (identity === undefined) this.owners.delete(path);
    }
  }
}
