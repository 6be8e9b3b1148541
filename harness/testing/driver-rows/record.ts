// What a message carries beside its line: source, names, time, option and tag.

import { WRITE } from './programs.ts';
import type { DriverSuite } from './suite.ts';

/** Adds the rows. */
export function addRecordRows({ messages, listen, run, row }: DriverSuite): void {
  row('source of stdout and stderr', 'stderr=e stdout=o', async () => {
    const got = await messages(WRITE('o\n') + WRITE('e\n', 2));
    return got
      .map(({ record: { source, log } }) => `${source}=${log}`)
      .sort()
      .join(' ');
  });
  row('keys of a plain line', 'container_id container_name log source', async () => {
    const [got] = await messages(WRITE('a\n'));
    return Object.keys(got!.record).sort().join(' ');
  });
  row('container_name and container_id', '/name and 64 hex digits', async () => {
    const at = await listen();
    const { name: given, id, ended } = await run(WRITE('a\n'));
    await ended(20_000);
    const { container_name, container_id } = at.messages()[0]!.record;
    return `${container_name === `/${given}` ? '/name' : container_name} and ${container_id === id && /^[0-9a-f]{64}$/.test(id) ? '64 hex digits' : container_id}`;
  });
  row('time', 'd2 + 4 bytes, seconds of now', async () => {
    const { timeHex } = (await messages(WRITE('a\n')))[0]!;
    return `${timeHex.slice(0, 2)} + ${timeHex.length / 2 - 1} bytes, ${describeAge(Number.parseInt(timeHex.slice(2), 16))}`;
  });
  row('time with fluentd-sub-second-precision', 'd700 + 8 bytes, seconds of now, nanoseconds', async () => {
    const { timeHex } = (await messages(WRITE('a\n'), { 'fluentd-sub-second-precision': 'true' }))[0]!;
    const nanos = Number.parseInt(timeHex.slice(12), 16);
    return `${timeHex.slice(0, 4)} + ${timeHex.length / 2 - 2} bytes, ${describeAge(Number.parseInt(timeHex.slice(4, 12), 16))}, ${nanos > 0 && nanos < 1e9 ? 'nanoseconds' : nanos}`;
  });
  row('fourth element', '{}', async () => JSON.stringify((await messages(WRITE('a\n')))[0]!.option));
  row('tag without the option', 'the first 12 digits of the id', async () => {
    const at = await listen();
    const { id, ended } = await run(WRITE('a\n'));
    await ended(20_000);
    const { tag } = at.messages()[0]!;
    return tag === id.slice(0, 12) ? 'the first 12 digits of the id' : tag;
  });
  row('tag docker.{{.Name}}.{{.ID}}.{{.FullID}}.{{.DaemonName}}', 'filled in', async () => {
    const at = await listen();
    const {
      id,
      name: given,
      ended,
    } = await run(WRITE('a\n'), { tag: 'docker.{{.Name}}.{{.ID}}.{{.FullID}}.{{.DaemonName}}' });
    await ended(20_000);
    const { tag } = at.messages()[0]!;
    return tag === `docker.${given}.${id.slice(0, 12)}.${id}.docker` ? 'filled in' : tag;
  });
  row('tag {{.ID | truncate}}', 'not started, with the words of Go', async () => {
    await listen();
    const { error } = await run(WRITE('a\n'), { tag: '{{.ID | truncate}}' });
    const text =
      'template: log-tag:1:8: executing "log-tag" at <truncate>: wrong number of args for truncate: want 2 got 1';
    return error?.includes(`failed to initialize logging driver: ${text}`)
      ? 'not started, with the words of Go'
      : String(error);
  });
  row('tag of functions, variables, if and range', 'APP/6-A+com.a=1 com.b=2 other=3 <no value>', async () => {
    const tag =
      '{{$x := index .ContainerLabels "com.a"}}{{if eq $x "1"}}{{upper "app"}}{{end}}/{{len "héllo"}}-{{title "a"}}+' +
      '{{range $k, $v := .ContainerLabels}}{{if lt (len $v) 2}}{{$k}}={{$v}} {{end}}{{end}}{{.ContainerLabels.none}}';
    const [got] = await messages(WRITE('a\n'), { tag }, { labels: { 'com.a': '1', 'com.b': '2', other: '3' } });
    return got!.tag;
  });
}

function describeAge(seconds: number): string {
  return Math.abs(Date.now() / 1_000 - seconds) < 60 ? 'seconds of now' : String(seconds);
}
