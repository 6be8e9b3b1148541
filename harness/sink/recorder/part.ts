// What the recording hop is told when it starts and what it answers. It stands in front of a relay and of the sink,
// passes bytes through unchanged, and is the first of the two witnesses of what was pushed.

/** The recorder's configuration. */
export interface RecorderPartConfig {
  /** `<run>` in line ids. */
  run: string;
  /** App names, for ids and for the names of lines files. */
  apps: string[];
  /** Folder of `<app>.bin`. */
  linesDir: string;
  seed: number;
  /** One listening address per hop; port 0 takes any free one. */
  hops: RecorderHop[];
}

export interface RecorderHop {
  name: 'relay' | 'sink';
  /** Base URL that requests are passed on to. */
  upstreamUrl: string;
  port: number;
  /** Address to listen on, default 127.0.0.1. */
  host?: string;
}

/** What `ready` tells: base URLs on 127.0.0.1 in the order of `hops`. */
export interface RecorderReadyInfo {
  urls: string[];
}

/** A canary seen in a push; `status` is the answer that push got, 0 for none. */
export interface CanarySighting {
  app: string;
  canary: number;
  hop: 'relay' | 'sink';
  status: number;
}

/** The answer to `stats`. `busyRatio` is the share of the thread's time since the last call. */
export interface RecorderStats {
  pushes: number;
  accepted: number;
  refused: number;
  busyRatio: number;
}
