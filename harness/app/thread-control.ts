// The few words that a part's main thread says to the thread that writes its lines, in shared memory, since that
// thread may be blocked in write(2) and cannot take messages: start, finish what is due, halt.

const PHASES = { idle: 0, running: 1, halted: 2 } as const;
const SIGNAL = 0;
const PHASE = 1;
const DONE = 2;

/** Control of one writing thread; both sides open it over the same memory. */
export interface ThreadControl {
  readonly shared: SharedArrayBuffer;
  /** Load has started at this instant (ns). */
  start(loadStartNs: number): void;
  /** What is due after this instant (ns) is not to be written any more. */
  finish(cutoffNs: number): void;
  /** No further line, due or not. */
  halt(): void;
  isRunning(): boolean;
  isHalted(): boolean;
  loadStartNs(): number;
  /** Infinity until `finish`. */
  cutoffNs(): number;
  /** The thread says that it has nothing left to write. */
  markDone(): void;
  isDone(): boolean;
  /** Sleeps for at most `forMs` or until the other side says something. Blocks its thread. */
  sleep(forMs: number): void;
}

/** Opens a control, over fresh memory or over that of the other side. */
export function openThreadControl(shared: SharedArrayBuffer = new SharedArrayBuffer(32)): ThreadControl {
  const cells = new Int32Array(shared, 0, 4);
  const instants = new Float64Array(shared, 16, 2);
  const signal = (): void => {
    Atomics.add(cells, SIGNAL, 1);
    Atomics.notify(cells, SIGNAL);
  };
  const load = (index: number): number => Atomics.load(cells, index);
  const instant = (index: number): number => {
    // Reading the signal first makes what was written before it visible here.
    load(SIGNAL);
    return instants[index]!;
  };
  return {
    shared,
    start: (loadStartNs) => {
      instants[0] = loadStartNs;
      Atomics.compareExchange(cells, PHASE, PHASES.idle, PHASES.running);
      signal();
    },
    finish: (cutoffNs) => {
      instants[1] = cutoffNs;
      signal();
    },
    halt: () => {
      Atomics.store(cells, PHASE, PHASES.halted);
      signal();
    },
    isRunning: () => load(PHASE) === PHASES.running,
    isHalted: () => load(PHASE) === PHASES.halted,
    loadStartNs: () => instant(0),
    cutoffNs: () => instant(1) || Infinity,
    markDone: () => void Atomics.store(cells, DONE, 1),
    isDone: () => load(DONE) === 1,
    sleep: (forMs) => void Atomics.wait(cells, SIGNAL, load(SIGNAL), forMs),
  };
}
