// A request that Loki does not take: the HTTP status and the text of its body, thrown by the leaves of the core and
// turned into the answer at its one door (core.ts). What the agent under test sends wrong ends here, never as a crash.

/** An answer other than success. `message` is the body without its final newline. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
  }
}
