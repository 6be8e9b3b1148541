// The two times the driver needs, injected: the core runs in virtual time in tests and in the simulation.

/** Monotonic and wall clock. */
export interface DriverClock {
  /** Monotonic nanoseconds, as core/real-clock.ts. */
  nowNs(): number;
  /** Unix time in milliseconds, with a fraction. */
  wallMs(): number;
}
