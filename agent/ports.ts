// What the agent asks of the outside. `real/` answers with sockets and the machine's clock, `testing/` and a simulator
// answer in virtual time: everything between these ports is the same code, byte for byte.
//
//   Net.listen ──bytes──► input → buffer → delivery → output ──bytes──► Net.post

/** A timer that has not fired yet. */
export interface Timer {
  /** Stops it; does nothing once it has fired. */
  cancel(): void;
}

/** Time, as the agent knows it. */
export interface Clock {
  /** Milliseconds on a clock that never goes back; its zero means nothing. */
  nowMs(): number;
  /** Milliseconds since 1970 on the wall clock. */
  wallMs(): number;
  /** Calls `run` once, `delayMs` from now. */
  setTimer(run: () => void, delayMs: number): Timer;
}

/** Chance: jitter and the process nonce come from here. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** Bytes that nobody can foresee: nonces and salts. */
  bytes(count: number): Uint8Array;
}

/** Where the agent's own log lines go. */
export interface LogSink {
  /** Takes one line without its newline; must neither block nor throw. */
  write(line: string): void;
}

/** Where text goes that waits for its reader. */
export interface TextSink {
  /** Resolves when all of it is taken; a reader that stands still keeps it waiting, and nothing else. */
  write(bytes: Uint8Array): Promise<void>;
}

/** One accepted connection, as the input sees it. */
export interface Connection {
  /** Bytes written and not yet taken by the kernel. */
  readonly unsentBytes: number;
  /** Sends a copy of the bytes. */
  write(bytes: Uint8Array): void;
  /** Stops reading until `resume`; what the peer sends stays in the kernel. */
  pause(): void;
  /** Goes on reading. */
  resume(): void;
  /** Closes at once. */
  close(): void;
}

/** What the input does with a connection's events. */
export interface ConnectionHandler {
  /** `length` new bytes lie at the start of the listener's `readBuffer`; they are gone after the call. */
  onRead(length: number): void;
  /** The connection has ended, by either side. */
  onClose(): void;
}

/** Files that make a TCP listener a TLS one. */
export interface TlsFiles {
  /** Certificate, PEM, with its chain. */
  cert: string;
  /** Its key, PEM. */
  key: string;
  /** Who signs the certificates that clients must show; none must if it is absent. */
  clientCa?: string | undefined;
}

/** How to listen for byte streams. */
export interface ListenOptions {
  /** `unix:///path` or `tcp://host:port`. */
  url: string;
  /** Speaks TLS; TCP only. */
  tls?: TlsFiles | undefined;
  /** Mode bits of the unix socket file. */
  socketMode?: number | undefined;
  /** Memory into which every read of every connection goes. */
  readBuffer: Uint8Array;
  /** Takes a new connection; `undefined` refuses it. */
  accept(connection: Connection): ConnectionHandler | undefined;
}

/** How to listen for datagrams. */
export interface DatagramOptions {
  /** `udp://host:port` or `unixgram:///path`. */
  url: string;
  /** Mode bits of the unix socket file. */
  socketMode?: number | undefined;
  /** Takes a datagram, valid during the call; `reply` sends one back to its sender, where it has an address. */
  take(datagram: Uint8Array, reply: (bytes: Uint8Array) => void): void;
}

/** Something that listens. */
export interface Listener {
  /** Where it listens, with the port that was chosen if 0 was asked for. */
  readonly url: string;
  /** Accepts no more and removes the socket file; open connections live on. */
  close(): Promise<void>;
}

/** Whom to trust as the far end of a TLS connection. */
export interface ClientTls {
  /** PEM file of the authority; the system's own unless set. */
  ca?: string | undefined;
  /** Trusts anybody. */
  insecureSkipVerify: boolean;
}

/** How to open a byte stream. */
export interface ConnectOptions {
  /** `unix:///path` or `tcp://host:port`; the name is looked up each time. */
  url: string;
  tls?: ClientTls | undefined;
  signal: AbortSignal;
  /** New bytes, the receiver's to keep. */
  onRead(bytes: Uint8Array): void;
  /** The connection has ended; `error` where it did not end well. */
  onClose(error: Error | undefined): void;
}

/** A connection that the agent has opened. */
export interface Outgoing {
  /** Resolves when the kernel has taken the bytes. */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes at once. */
  close(): void;
}

/** One HTTP POST. */
export interface PostRequest {
  url: string;
  tls?: ClientTls | undefined;
  /** How much of the answer's body to keep; 16 KiB unless set. */
  answerBytesMax?: number | undefined;
  headers: Readonly<Record<string, string>>;
  /** Must not change before the call settles. */
  body: Uint8Array;
  signal: AbortSignal;
}

/** A complete HTTP answer. */
export interface PostAnswer {
  status: number;
  /** Content-Type, or empty. */
  contentType: string;
  /** Retry-After as sent, or empty. */
  retryAfter: string;
  /** The beginning of the body, see `answerBytesMax`. */
  body: string;
}

/** An answer of the agent's own HTTP pages. */
export interface PageAnswer {
  status: number;
  contentType: string;
  body: string;
}

/** The network. */
export interface Net {
  /** Listens for connections; rejects with `E_LISTEN`. */
  listen(options: ListenOptions): Promise<Listener>;
  /** Listens for datagrams; rejects with `E_LISTEN`. */
  listenDatagrams(options: DatagramOptions): Promise<Listener>;
  /** Opens a byte stream; rejects where nobody answers. */
  connect(options: ConnectOptions): Promise<Outgoing>;
  /** Sends and waits for the whole answer; rejects where there is none. */
  post(request: PostRequest): Promise<PostAnswer>;
  /** Serves pages over HTTP at `host:port`; rejects with `E_HTTP_LISTEN`. */
  serve(options: { listen: string; answer(path: string): PageAnswer }): Promise<Listener>;
}

/** An open file. Positions are explicit: nothing depends on where the last call ended. */
export interface OpenFile {
  /** Writes all of `bytes` at `position`. Rejects with the system's error; some of the bytes may then be written. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Reads up to `into.length` bytes from `position`; fewer only at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Resolves when the content is on the medium. */
  sync(): Promise<void>;
  /** Cuts the file to `bytes`. */
  truncate(bytes: number): Promise<void>;
  /** Its size, identity and age as they are now. */
  stat(): Promise<FileStat>;
  /** Closes it; what was written need not be on the medium yet. */
  close(): Promise<void>;
}

/** What is known of a file. */
export interface FileStat {
  size: number;
  /** Device and inode: the same file under any name. */
  identity: string;
  modifiedMs: number;
}

/** The file system. Every call may reject with the system's error (`code`: ENOSPC, EIO, ENOENT, …). */
export interface Files {
  /** `read`: must exist; `write`: made if absent, kept if there, for reading too; `create`: must not exist. */
  open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile>;
  /** Names in a folder, sorted; rejects with ENOENT if there is none. */
  list(folder: string): Promise<string[]>;
  /** Makes a folder and those above it; fine if it is there. */
  makeFolder(folder: string): Promise<void>;
  /** Gives a file another name at once; a file of that name is replaced. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file. */
  remove(path: string): Promise<void>;
  /** Size, identity and age of the file of that name. */
  stat(path: string): Promise<FileStat>;
  /** Makes creations, renames and removals in a folder durable. */
  syncFolder(folder: string): Promise<void>;
  /**
   * Holds a folder for this process until the returned function is called, or the process ends, however it ends. Rejects with
   * the code ELOCKED while another process holds it.
   */
  lock(folder: string): Promise<() => Promise<void>>;
  /** Bytes that may still be written to the file system of `folder`. */
  freeBytes(folder: string): Promise<number>;
}

/** A program whose output is read. */
export interface ChildProcess {
  /** Stops reading what it writes, until `resume`; it then waits in its `write`. */
  pause(): void;
  /** Reads on. */
  resume(): void;
  /** Asks it to end. */
  kill(): void;
}

/** What becomes of a program's output. */
export interface ProcessHandler {
  /** Bytes of its standard output, valid during the call. */
  onRead(bytes: Uint8Array): void;
  /** It has ended, or could not be started. */
  onExit(why: string): void;
}

/** Other programs. */
export interface Processes {
  /** Starts the program `command[0]`; what fails is told by `onExit`. */
  start(command: readonly string[], handler: ProcessHandler): ChildProcess;
}

/** Everything the agent asks of the outside. */
export interface Ports {
  clock: Clock;
  net: Net;
  files: Files;
  processes: Processes;
  random: Random;
  log: LogSink;
  /** The process's standard output, for the output of that name. */
  stdout: TextSink;
  /** Id of the container that the process runs in, if it is in one. */
  ownContainer?: string | undefined;
}
