// The one interface every engine implements: a world in which a planned run can happen. run/ tells the story of a
// run in these verbs; how the verbs are done (child processes, containers, virtual time) is the engine's.

import type { LineWrapper } from './agent.ts';
import type { EmittedEvent, EventRef } from './event.ts';
import type {
  AppDefinition,
  CheckerDefinition,
  DriverDefinition,
  FaultDefinition,
  ShapeDefinition,
  SinkDefinition,
  SinkEntry,
  World,
} from './parts.ts';
import type { EngineName, RunPlan, UsedImage } from './run.ts';

/** Every part that can be named in a file: built in, or from the user's plugins. */
export interface PartRegistry {
  faults: Map<string, FaultDefinition>;
  checkers: Map<string, CheckerDefinition>;
  shapes: Map<string, ShapeDefinition>;
  apps: Map<string, AppDefinition>;
  sinks: Map<string, SinkDefinition>;
  drivers: Map<string, DriverDefinition>;
  /** Plugin modules by absolute path: processes of their own load them again. */
  pluginFiles: string[];
  /** The plugin module that a part comes from; undefined for what is built in. */
  pluginFileOf?(part: object): string | undefined;
}

/** What an engine is given to open a world. */
export interface EngineInput {
  plan: RunPlan;
  registry: PartRegistry;
  /** Takes an event into history.jsonl and numbers it. */
  record(event: EmittedEvent): EventRef;
  signal: AbortSignal;
  /** Keep what the parts leave in their private folders, in `kept/` of the run folder. */
  keep: boolean;
  /** `images` of larsen.config: images to use in place of others. */
  images?: Record<string, string>;
}

/** A kind of world. */
export interface Engine {
  name: EngineName;
  /** What the scenario or agent asks for and this engine lacks, one sentence each; empty when it can run it. */
  missing(plan: RunPlan, registry: PartRegistry): string[];
  /** Starts sink, recording hop, relays, agent and driver; apps are made ready to start. Throws HarnessError. */
  open(input: EngineInput): Promise<EngineWorld>;
}

/** An open world. Disposing it ends and removes everything it started, within bounds. */
export interface EngineWorld extends AsyncDisposable {
  /** What faults may do. */
  readonly world: World;
  /** Apps whose lines files hold their own write records; the others are seen first by the driver or not at all. */
  readonly selfRecordingApps: string[];
  /** Writes lines into each app's stdout route before the app exists. */
  sendCanaries(linesByApp: Record<string, Buffer[]>): Promise<void>;
  /** Canaries the recording hop has seen taken, or refused for good, as `<app>/<number>`; null where there is no recording hop. */
  heardCanaries(): Promise<Set<string> | null>;
  /** Tells the recording hop how the agent wraps a line. */
  tellWrapper(wrapper: LineWrapper): Promise<void>;
  /** Starts the apps and the load generators, idle. */
  startApps(): Promise<void>;
  /** Begins load at the instant `loadStartNs`. */
  startLoad(loadStartNs: number): Promise<void>;
  /** Resolves when every planned line or request is settled (written, answered, or given up), or after `withinMs`. */
  loadSettled(withinMs: number): Promise<void>;
  /** Ends load and apps, then the driver's loggers; what they still hold is recorded. */
  stopApps(): Promise<void>;
  /** SIGTERM, `drainWithin`, SIGKILL; then the agent's own output route. */
  stopAgent(): Promise<void>;
  /** Brings all records of the recording hop to disk. */
  flush(): Promise<void>;
  /** Everything the sink holds with timestamps in the window (Unix ns); null when it cannot be read back. */
  readBack(window: { fromNs: bigint; toNs: bigint }): AsyncIterable<SinkEntry> | null;
  /** Entries the sink counts in the window, the second witness; null when it cannot count. */
  count(window: { fromNs: bigint; toNs: bigint }): Promise<number | null>;
  /** Versions of what ran, and how the agent's config was rewritten (a diff), for run.json. */
  describe(): { versions: Record<string, string>; configDiff: string; images?: UsedImage[] };
}
