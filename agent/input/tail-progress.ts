// How far the files of a tail input are settled, so that it need not be read again. What was read up to a moment is settled
// once the keeper says so; then it goes to the checkpoint, from which the next process goes on.

import { systemCodeOf } from '../errors.ts';
import type { InputParts } from './input.ts';
import { loadPositions, savePositions } from './tail-checkpoints.ts';
import type { TailFile, TailPosition } from './tail-file.ts';
import type { NameWatch } from './tail-name-watch.ts';

/** Files read to their end that are known again if somebody writes to them later. */
const REMEMBERED_MAX = 1000;

/** See the file's comment. */
export class TailProgress {
  /** Read to their end and closed, but not settled yet: their checkpoints stand. */
  ended: TailFile[] = [];
  /** Of files that are not open: where to go on in them. */
  remembered: TailPosition[] = [];
  private readonly checkpoint: string | undefined;
  private readonly parts: InputParts;
  private marking = false;
  private unsaved = false;
  private saving: Promise<void> = Promise.resolve();

  /** @param checkpoint the state file; without one, nothing outlives the process. */
  constructor(checkpoint: string | undefined, parts: InputParts) {
    this.checkpoint = checkpoint;
    this.parts = parts;
  }

  /** Takes up what an earlier process has left. */
  async load(watch: NameWatch): Promise<void> {
    const { checkpoint } = this;
    if (checkpoint === undefined) return;
    const { positions, names, wallMs, broken } = await loadPositions(checkpoint, this.parts.ports.files);
    this.remembered = positions;
    watch.restore({ positions, names, wallMs });
    if (broken)
      this.parts.log.warn('W_TAIL_CHECKPOINT', `cannot read ${checkpoint}: files are read as if it were not there`);
  }

  /** There is something new to save. */
  touch(): void {
    this.unsaved = true;
  }

  /** A file was read to its end and closed. */
  end(file: TailFile): void {
    if (!file.isSettled) this.ended.push(file);
    else {
      this.remember(file);
      this.unsaved = true;
    }
  }

  /** One mark at a time: what is read meanwhile waits for the next. */
  mark(following: readonly TailFile[]): void {
    if (this.marking) return;
    const read = [...following, ...this.ended].map((file) => ({ file, state: file.safeState }));
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

  /** Writes the checkpoint in the background, if there is something new in it. */
  save(following: readonly TailFile[], watch: NameWatch): void {
    const { checkpoint } = this;
    if (checkpoint === undefined || !this.unsaved) return;
    this.unsaved = false;
    const positions = [...this.ended, ...following].map(positionOf);
    const names = [...watch.names];
    const wallMs = watch.lastRoundWallMs ?? 0;
    this.saving = this.saving
      .then(() => savePositions(checkpoint, { positions, names, wallMs }, this.parts.ports.files))
      .catch((error) => {
        this.unsaved = true;
        this.parts.log.warn(
          'W_TAIL_CHECKPOINT',
          `cannot write ${checkpoint}: ${systemCodeOf(error)}; lines since the last one may come twice`,
        );
      });
  }

  /** Resolves when what was to be saved is, or could not be. */
  saved(): Promise<void> {
    return this.saving;
  }

  private remember(file: TailFile): void {
    const others = this.remembered.filter((position) => position.identity !== file.identity);
    this.remembered = [...others, positionOf(file)].slice(-REMEMBERED_MAX);
  }
}

function positionOf({ path, identity, settledOffset, fingerprint }: TailFile): TailPosition {
  return { path, identity, offset: settledOffset, fingerprint };
}
