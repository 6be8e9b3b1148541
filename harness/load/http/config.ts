// What the http load generator is told, and what it answers.

/** The config of the load on one app. */
export interface HttpLoadPartConfig {
  /** `<run>` in line ids. */
  run: string;
  seed: number;
  /** The app in front: its plan is followed, its name is in the ids. */
  app: string;
  /** Base url of that app. */
  url: string;
  /** Request path with `{id}`. */
  path: string;
  /** Paths by index of the load item, where items differ; `path` for the others. */
  paths?: string[];
  linesFile: string;
  /** Most connections at a time, default 200. */
  connections?: number;
  /** A request without a whole answer is given up, ms, default 2000. */
  timeoutMs?: number;
  /** A due request without a free connection is not sent, ms, default 1000. */
  sendWithinMs?: number;
  /** Added to the headers of a viewer. */
  headers?: Record<string, string>;
}

/** What `wait` and `stop` answer. */
export interface HttpLoadResult {
  answered: number;
  failed: number;
  notSent: number;
}
