// autocannon's connections, made to wait: a client sends its next request only when it is told to, and connects only
// when it has something to send. autocannon by itself sends as soon as an answer came (a closed model), or in bursts
// per second; neither can follow a plan.
//
//   idle ── send ──► busy ── answer ──► idle
//                      └── reset, refused, timeout ──► idle, unconnected

import autocannon from 'autocannon';

/** Connections that were idle for longer are made anew, before the server (Node: 5 s) closes them under a request, ms. */
const IDLE_MS_MAX = 2_000;
/** autocannon's own timeout and end are out of the way: both are ours to decide. In seconds, below 2^31 ms. */
const NEVER_S = 2_000_000;

/** What a connection ends with. */
export interface CannonActions {
  onAnswer(index: number, status: number): void;
  /** No whole answer: the connection was reset or refused. */
  onLost(index: number): void;
}

/** A GET. */
export interface CannonRequest {
  path: string;
  headers: Record<string, string>;
}

/** A battery of connections. */
export interface Cannon {
  freeConnections(): number;
  busyConnections(): number;
  /** Sends a request on a free connection. */
  send(index: number, request: CannonRequest): void;
  /** Gives up the request: its connection is closed and free again. */
  abort(index: number): void;
  close(): void;
}

/** What autocannon does not declare: the places where it connects and sends by itself. */
interface CannonClient extends autocannon.Client {
  _connect(): void;
  _doRequest(): void;
  _destroyConnection(): void;
  getRequestBuffer(): Buffer;
  parser: { reinitialize(type: 'RESPONSE'): void };
  conn?: { destroyed: boolean };
}

interface Connection {
  client: CannonClient;
  connect: () => void;
  doRequest: () => void;
  isConnected: boolean;
  mayClose: boolean;
  /** Index of the request it is busy with, -1: idle. */
  index: number;
  idleSinceMs: number;
}

/** Makes the connections; none is opened before it is used. `nowMs`: any monotonic clock. */
export function createCannon(
  { url, connections, nowMs }: { url: string; connections: number; nowMs: () => number },
  { onAnswer, onLost }: CannonActions,
): Cannon {
  /** Last in, first out: few connections stay warm. */
  const free: Connection[] = [];
  const busy = new Map<number, Connection>();

  /** Takes the connection out of what it is busy with; returns that, or -1. */
  const release = (connection: Connection): number => {
    const { index } = connection;
    if (index === -1) return -1;
    connection.index = -1;
    connection.idleSinceMs = nowMs();
    busy.delete(index);
    free.push(connection);
    return index;
  };
  const setupClient = (client: autocannon.Client): void => {
    const connection = holdClient(client as CannonClient);
    free.push(connection);
    connection.client._connect = () => {
      disconnect(connection);
      const index = release(connection);
      if (index !== -1) onLost(index);
    };
    connection.client.on('headers', ((info: { shouldKeepAlive?: boolean }) => {
      connection.mayClose = info.shouldKeepAlive === false;
    }) as never);
    connection.client.on('response', (status) => {
      if (connection.mayClose) disconnect(connection);
      const index = release(connection);
      if (index !== -1) onAnswer(index, status);
    });
  };
  const { host } = new URL(url);
  const options = { url, connections, duration: NEVER_S, timeout: NEVER_S, setupClient, excludeErrorStats: true };
  const tracker = autocannon(options) as unknown as autocannon.Instance;
  return {
    freeConnections: () => free.length,
    busyConnections: () => busy.size,
    send: (index, { path, headers }) => {
      const connection = free.pop()!;
      connection.index = index;
      busy.set(index, connection);
      const bytes = encodeRequest(host, { path, headers });
      connection.client.getRequestBuffer = () => bytes;
      if (connection.isConnected && nowMs() - connection.idleSinceMs > IDLE_MS_MAX) disconnect(connection);
      transmit(connection);
    },
    abort: (index) => {
      const connection = busy.get(index);
      if (!connection) return;
      disconnect(connection);
      release(connection);
    },
    close: () => {
      for (const connection of [...free, ...busy.values()]) disconnect(connection);
      tracker.stop();
    },
  };
}

/** Takes the initiative from a client: it sends only by `transmit`, and no idle timeout resets it. */
function holdClient(client: CannonClient): Connection {
  const connection: Connection = {
    client,
    connect: client._connect.bind(client),
    doRequest: client._doRequest.bind(client),
    isConnected: false,
    mayClose: false,
    index: -1,
    idleSinceMs: 0,
  };
  client._doRequest = () => undefined;
  // At its end autocannon closes every client, also those that never connected.
  const destroyConnection = client._destroyConnection.bind(client);
  client._destroyConnection = () => void (client.conn && destroyConnection());
  return connection;
}

/** The bytes of a GET: autocannon's own builder costs several times as much as the rest of a request. */
function encodeRequest(host: string, { path, headers }: CannonRequest): Buffer {
  let head = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\n`;
  for (const [name, value] of Object.entries(headers)) head += `${name}: ${value}\r\n`;
  return Buffer.from(`${head}\r\n`, 'latin1');
}

function transmit(connection: Connection): void {
  if (!connection.isConnected) {
    connection.isConnected = true;
    connection.connect();
  }
  connection.doRequest();
}

function disconnect(connection: Connection): void {
  if (!connection.isConnected) return;
  connection.isConnected = false;
  connection.mayClose = false;
  connection.client._destroyConnection();
  // Half an answer may have been read: autocannon would take the next one for its end.
  connection.client.parser.reinitialize('RESPONSE');
}
