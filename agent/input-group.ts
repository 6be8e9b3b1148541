// The inputs of a pipeline, which are started, held back and closed together. Two things hold them back: a full buffer
// whose policy is to block, until it has room again, and batches that pile up before a healthy output, for a moment.

import type { AgentConfig } from './config/schema.ts';
import type { Input, InputParts } from './input/input.ts';
import { startInput } from './input/registry.ts';
import type { Clock, Timer } from './ports.ts';

/** How long reading rests while batches pile up: a push over a local network takes less. */
const BREATH_MS = 5;

/** See the file's comment. */
export class InputGroup {
  readonly all: Input[] = [];
  /** True while inputs do not read because the buffer is full. */
  paused = false;
  private readonly clock: Clock;
  private breath: Timer | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Starts one after the other. Rejects with the first failure; those before it are in `all`. */
  async start(settings: AgentConfig['inputs'], parts: InputParts): Promise<void> {
    for (const one of settings) this.all.push(await startInput(one, parts));
  }

  /** Holds back, or no longer. */
  setPaused(paused: boolean): void {
    this.paused = paused;
    for (const input of this.all) input.setPaused(paused);
  }

  /** Reading rests for a moment. Inputs that would lose what comes meanwhile go on. */
  rest(): void {
    if (this.breath !== undefined || this.paused) return;
    const inputs = this.all.filter((input) => input.dropsWhilePaused !== true);
    for (const input of inputs) input.setPaused(true);
    this.breath = this.clock.setTimer(() => {
      this.breath = undefined;
      for (const input of inputs) input.setPaused(this.paused);
    }, BREATH_MS);
  }

  /** Reads no more. */
  close(): void {
    this.breath?.cancel();
    for (const input of this.all) input.close();
  }
}
