// The program of `door`: an http server that writes a line for each request; the id is the last segment of the path.

import { createServer } from 'node:http';

createServer((request, answer) => {
  answer.end('in\n');
  process.stdout.write(`${request.method} ${request.url.split('/').at(-1)} 200\n`);
}).listen(Number(new URL(process.env.LARSEN_HTTP_URL).port), '127.0.0.1');
