// The memory of the open batch: segments of the arena's region, chained per stream. A stream starts small and doubles,
// so that a thousand quiet streams and one loud stream both fit. Everything is freed at once when the batch is sealed.
//
//   region │A: labels+entries│B: labels+entries│A│A   │B│…      A's entries are pushed as one stream object

/** Smallest and largest segment; a line that is longer gets a segment of its own size. */
export const SEGMENT_BYTES_MIN = 4096;
const SEGMENT_BYTES_MAX = 65_536;

/** Chains of segments in the arena's region; offsets are offsets into the arena. */
export class Segments {
  /** Start and end of what is written in a segment. */
  readonly start: Int32Array;
  readonly used: Int32Array;
  /** Next segment of the same stream, -1 at the end. */
  readonly next: Int32Array;
  private readonly regionStart: number;
  private readonly regionEnd: number;
  private count = 0;
  private free: number;

  constructor(regionStart: number, regionEnd: number) {
    const most = Math.ceil((regionEnd - regionStart) / SEGMENT_BYTES_MIN) + 1;
    this.start = new Int32Array(most);
    this.used = new Int32Array(most);
    this.next = new Int32Array(most);
    this.regionStart = regionStart;
    this.regionEnd = regionEnd;
    this.free = regionStart;
  }

  /** Takes `bytes`, or more if that is small; returns the segment's number, or -1 when the region has not got that much. */
  allocate(bytes: number, hint: number): number {
    const wanted = Math.max(bytes, Math.min(Math.max(hint, SEGMENT_BYTES_MIN), SEGMENT_BYTES_MAX));
    const left = this.regionEnd - this.free;
    if (left < bytes || this.count === this.start.length) return -1;
    const size = Math.min(wanted, left);
    const segment = this.count++;
    this.start[segment] = this.free;
    this.used[segment] = this.free;
    this.next[segment] = -1;
    this.free += size;
    return segment;
  }

  /** Where the memory of the newest segment ends. */
  get newestEnd(): number {
    return this.free;
  }

  /** Frees all segments. */
  reset(): void {
    this.count = 0;
    this.free = this.regionStart;
  }
}
