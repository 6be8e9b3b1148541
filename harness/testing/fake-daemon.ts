// A Docker daemon that only answers what a test says, on a unix socket: for bad days that no real one can be brought to.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';

/** An answer: status and body, or null for none at all; `open`: the body goes on until the daemon ends. */
export type FakeAnswer = { status: number; body: unknown; open?: true } | null;

/** A daemon; `DOCKER_HOST` names it until it is disposed. */
export interface FakeDaemon extends AsyncDisposable {
  readonly socketPath: string;
  /** `METHOD /path` of each request, without API version and query. */
  readonly asked: string[];
}

/** What a healthy one says of itself. */
export const HEALTHY: Readonly<Record<string, FakeAnswer>> = {
  'GET /version': { status: 200, body: { Version: '20.10.24', ApiVersion: '1.41' } },
  'GET /info': { status: 200, body: { KernelVersion: release(), SecurityOptions: ['name=seccomp,profile=default'] } },
};

/** Starts one. A path that is not answered is 404, as by the real one. */
export async function startFakeDaemon(answers: Readonly<Record<string, FakeAnswer>>): Promise<FakeDaemon> {
  const folder = mkdtempSync(join(tmpdir(), 'fake-daemon-'));
  const socketPath = join(folder, 'docker.sock');
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/^\/v[\d.]+/, '').replace(/\?.*/, '');
    const line = `${request.method} ${path}`;
    asked.push(line);
    const answer = line in answers ? answers[line]! : { status: 404, body: { message: `no such thing: ${path}` } };
    if (answer) reply(request, response, answer);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const before = process.env.DOCKER_HOST;
  process.env.DOCKER_HOST = `unix://${socketPath}`;
  return {
    socketPath,
    asked,
    [Symbol.asyncDispose]: async () => {
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function reply(
  request: IncomingMessage,
  response: ServerResponse,
  { status, body, open }: { status: number; body: unknown; open?: true },
): void {
  request.resume();
  const isText = typeof body === 'string';
  const text = isText ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json' });
  if (open) response.write(text);
  else response.end(text);
}
