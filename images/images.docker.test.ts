// The images as the engine runs them: what is inside starts, and larsen-agent's health check tells the truth.

import { afterEach, expect, it } from 'vitest';
import { sleep } from '../harness/core/real-clock.ts';
import { describeDocker, docker, TEST_LABEL } from '../harness/testing/docker.ts';
import { RECIPES } from './registry.ts';

const tagOf = (name: string): string =>
  RECIPES.flatMap((recipe) => (recipe.name === name && 'tag' in recipe ? [recipe.tag] : []))[0]!;
const started: string[] = [];

afterEach(async () => {
  for (const id of started.splice(0)) await docker.getContainer(id).remove({ force: true, v: true });
});

const run = async (image: string, over: object = {}) => {
  const container = await docker.createContainer({ Image: image, Labels: { [TEST_LABEL]: 'images' }, ...over });
  started.push(container.id);
  await container.start();
  return container;
};

describeDocker('the images of larsen', ['agent', 'apps'].map(tagOf), () => {
  it('larsen-agent runs as no root, listens in its volume and gets healthy', async () => {
    const container = await run(tagOf('agent'), { Env: ['LOKI_URL=http://127.0.0.1:1'] });
    let health: string | undefined;
    for (let waited = 0; waited < 30 && health !== 'healthy'; waited++) {
      await sleep(500);
      health = (await container.inspect()).State.Health?.Status;
    }
    expect(health).toBe('healthy');
    const { State } = await container.inspect();
    expect(State.Running).toBe(true);
    const exec = await container.exec({
      Cmd: ['sh', '-c', 'id -u; test -S /run/larsen-agent/agent.sock && echo socket'],
      AttachStdout: true,
    });
    const output: Buffer[] = [];
    for await (const chunk of await exec.start({})) output.push(chunk as Buffer);
    expect(Buffer.concat(output).toString()).toMatch(/10001\n.*socket/s);
    expect((await container.inspect()).Config.Labels['larsen.image']).toBe('local');
  });

  it('the parts in the image of the apps load, native ones included', async () => {
    const load = `require('snappy').compressSync('x'); import('/opt/larsen/dist/harness/sink/registry.js').then(({ sinks }) => process.exit(sinks.length ? 7 : 8))`;
    const container = await run(tagOf('apps'), { Cmd: ['-e', load], WorkingDir: '/opt/larsen' });
    expect((await container.wait()).StatusCode).toBe(7);
  });
});
