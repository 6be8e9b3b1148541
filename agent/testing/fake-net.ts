// A network without sockets: a test writes bytes into connections and scripts the answers to pushes.

import { AgentError } from '../errors.ts';
import type {
  Connection,
  ConnectionHandler,
  ConnectOptions,
  DatagramOptions,
  ListenOptions,
  Net,
  Outgoing,
  PageAnswer,
  PostAnswer,
  PostRequest,
} from '../ports.ts';

/** One push as the fake sink saw it; its body is a copy. */
export interface SeenPush {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
}

/** How the sink answers: an answer, an error to fail with, or `silence`. */
export type Script = (push: SeenPush, n: number) => Partial<PostAnswer> | Error | 'silence';

/** A connection from the sender's side. */
export interface FakeSender {
  /** Sends bytes, as one read. */
  send(bytes: Uint8Array): void;
  end(): void;
  /** What the agent wrote to the sender. */
  readonly answers: Uint8Array[];
  readonly state: { closed: boolean; paused: boolean };
}

/** See the file's comment. */
export class FakeNet {
  readonly pushes: SeenPush[] = [];
  script: Script = () => ({ status: 204 });
  page: ((path: string) => PageAnswer) | undefined;
  private readonly datagrams = new Map<string, DatagramOptions>();
  private readonly listening = new Map<string, ListenOptions>();

  async listen(options: ListenOptions) {
    if (this.listening.has(options.url)) throw new AgentError('E_LISTEN', `cannot listen at ${options.url}`);
    this.listening.set(options.url, options);
    return { url: options.url, close: async () => void this.listening.delete(options.url) };
  }

  async listenDatagrams(options: DatagramOptions) {
    this.datagrams.set(options.url, options);
    return { url: options.url, close: async () => void this.datagrams.delete(options.url) };
  }

  /** Sends a datagram to the agent; gives what it replied. */
  sendDatagram(url: string, bytes: Uint8Array): Uint8Array[] {
    const replies: Uint8Array[] = [];
    this.datagrams.get(url)?.take(bytes, (reply) => void replies.push(reply));
    return replies;
  }

  async serve(options: { listen: string; answer(path: string): PageAnswer }) {
    this.page = options.answer;
    return { url: `http://${options.listen}`, close: async () => {} };
  }

  /** Far ends of outgoing connections by URL: each gets what was written and answers by `answer`. */
  readonly farEnds = new Map<string, (bytes: Buffer, answer: (bytes: Uint8Array) => void, end: () => void) => void>();
  connects = 0;

  async open({ url, onRead, onClose }: ConnectOptions): Promise<Outgoing> {
    this.connects++;
    const farEnd = this.farEnds.get(url);
    if (farEnd === undefined) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const answer = (bytes: Uint8Array): void => void queueMicrotask(() => onRead(bytes));
    const end = (): void => void queueMicrotask(() => onClose(undefined));
    farEnd(Buffer.alloc(0), answer, end);
    return {
      write: async (bytes) => farEnd(Buffer.from(bytes), answer, end),
      close: () => {},
    };
  }

  post(request: PostRequest): Promise<PostAnswer> {
    const seen = { url: request.url, headers: request.headers, body: request.body.slice() };
    this.pushes.push(seen);
    const answer = this.script(seen, this.pushes.length - 1);
    if (answer instanceof Error) return Promise.reject(answer);
    if (answer !== 'silence')
      return Promise.resolve({ status: 204, contentType: '', retryAfter: '', body: '', ...answer });
    return new Promise((_, reject) => request.signal.addEventListener('abort', () => reject(new Error('aborted'))));
  }

  /** The network as the agent sees it: there `connect` goes out, here it comes in. */
  get port(): Net {
    return {
      listen: (options) => this.listen(options),
      listenDatagrams: (options) => this.listenDatagrams(options),
      connect: (options) => this.open(options),
      post: (request) => this.post(request),
      serve: (options) => this.serve(options),
    };
  }

  /** Opens a connection to the agent; `undefined` if it refuses. */
  connect(url = 'unix:///agent.sock'): FakeSender | undefined {
    const options = this.listening.get(url);
    if (options === undefined) return undefined;
    const state = { closed: false, paused: false };
    const answers: Uint8Array[] = [];
    let handler: ConnectionHandler | undefined;
    const end = (): void => {
      if (state.closed) return;
      state.closed = true;
      handler?.onClose();
    };
    const connection: Connection = {
      unsentBytes: 0,
      write: (bytes) => void answers.push(bytes.slice()),
      pause: () => {
        state.paused = true;
      },
      resume: () => {
        state.paused = false;
      },
      close: end,
    };
    handler = options.accept(connection);
    if (handler === undefined) return undefined;
    const send = (bytes: Uint8Array): void => {
      for (let at = 0; at < bytes.length && !state.closed; at += options.readBuffer.length) {
        const part = bytes.subarray(at, at + options.readBuffer.length);
        options.readBuffer.set(part);
        handler?.onRead(part.length);
      }
    };
    return { send, end, answers, state };
  }
}
