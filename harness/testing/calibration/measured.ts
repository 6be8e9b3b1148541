// What was measured on the real components, to hold the emulated ones against: Fluentd 1.4.2 with the Loki plugin and
// Loki of 9 May 2019, Docker 20.10.24 and 18.09.6, one VM with 2 cores, November 2026. Every number is a reading of
// one of the named runs, none was fitted. The app of all runs made one blocking write of 287 bytes per request, the
// access line of PeerTube and an empty line, at 1,000 requests a second. docs/calibration.md says what they were for.

/** An app that stood still behind an agent that was frozen or killed 8 s after load start. */
export interface MeasuredBlock {
  /** Raw bytes read by the container's shim from the fault until the app stood in write(2). */
  bytesThroughShim: number;
  secondsToBlock: number;
}

/** Bytes of one write: the line, its newline, the newline of the empty line. */
export const WRITE_BYTES = 287;

/** What a request adds to the app's log and how often: the load of every run. */
export const REQUESTS_PER_SECOND = 1_000;

/** V1: Docker 20.10, `fluentd-async=false`, SIGSTOP to the agent. */
export const V1: MeasuredBlock = { bytesThroughShim: 1_144_356, secondsToBlock: 4.321 };

/** V4: as V1, the agent's container killed. */
export const V4: MeasuredBlock = { bytesThroughShim: 1_113_622, secondsToBlock: 4.451 };

/** V6: Docker 18.09, `fluentd-async-connect=true`, SIGSTOP to the agent. */
export const V6: MeasuredBlock = { bytesThroughShim: 1_140_313, secondsToBlock: 4.344 };

/** V2r: Docker 20.10, `fluentd-async=true`, SIGSTOP for 24 s: no block, everything arrived after SIGCONT. */
export const V2r = { blocks: 0, lostLines: 0 };

/** V3r: as V1 with `mode=non-blocking`, `max-buffer-size=1m`; frozen until after load. */
export const V3r = {
  blocks: 0,
  /** Requests, each one line: in the 8.003 s before the fault, and in all. */
  linesBeforeFault: 8_003,
  lines: 25_036,
  /** Lines 1 to 11,842 arrived, and nothing behind. */
  keptLines: 11_842,
};

/** E1: Docker 20.10, both drivers asynchronous, the agent's log sent back into it, flush every 10 s, chunks of 8 MiB. */
export const E1 = {
  /** JSON body of the first push that was refused. */
  refusedBodyBytes: 6_904_442,
  firstRefusalSeconds: 12.9,
  /** Seconds from that push to the first body with so long a run of backslashes (rows of 1 s). */
  secondsToRunOf7: 2,
  secondsToRunOf63: 6,
  /** Share of the app's lines in refused chunks that never came again, and pushes over the limit that were taken. */
  lostShareOfRefused: 1,
  overLimitAccepted: 0,
};

/** A refusal whose body and protobuf size were both logged: `sending 6083710 bytes`, `(5191627 vs. 4194304)`. */
export const refusal = { bodyBytes: 6_083_710, protobufBytes: 5_191_627, limitBytes: 4_194_304 };

/** S4: the whole incident on Docker 18.09; its first refused body and how its runs of backslashes grew. */
export const S4 = { refusedBodyBytes: 6_715_377, secondsToRunOf7: 2, secondsToRunOf63: 5 };

/** F1, F2: chunks of 1 MiB; the agent's log in json-file (F1) and sent back into it (F2). Medians and maxima of 1 s. */
const FIXED = { refusals: 0, ownBytesPerSecondMax: 58, lostLines: 0 };
export const F1 = {
  ...FIXED,
  appBytesPerSecond: 291_222,
  largestBodyBytes: 999_729,
  /** 21 bodies of 20,216,461 bytes held 30,215 lines, each with its empty line. */
  bodyBytesPerLine: 20_216_461 / 30_215,
};
/** F2's lines were not counted. */
export const F2 = { ...FIXED, appBytesPerSecond: 288_134, largestBodyBytes: 999_906, bodyBytesPerLine: null };
