import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { HarnessError } from '../core/errors.ts';
import { createCatalogue } from './catalogue.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'larsen-catalogue-')));
afterAll(() => rmSync(root, { recursive: true }));

const SCENARIO = 'title: x\ntopology: {}\nagent: larsen-agent\n';
const AGENT = 'agent: custom\n';

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

write({
  'built-in/spike/viral-video.yaml': SCENARIO,
  'built-in/loss/sink-outage.yaml': SCENARIO,
  'built-in/agents/larsen-agent.yaml': AGENT,
  'built-in/agents/otelcol.yaml': 'receivers: {}\n',
  'built-in/agents/rogues/stops-reading/agent.yaml': AGENT,
  'built-in/agents/rogues/acks-and-dies/agent.yaml': AGENT,
  'mine/deep/sink-outage.yaml': SCENARIO,
  'mine/other.json': '{ "title": "x", "topology": {} }',
  'mine/stray-agent.yaml': AGENT,
  'mine/.hidden.yaml': SCENARIO,
  'my-agents/tuned.yaml': AGENT,
  'my-agents/a-scenario.yaml': SCENARIO,
  'here.yaml': SCENARIO,
});
const catalogue = createCatalogue({
  builtIn: join(root, 'built-in'),
  scenarioFolders: [join(root, 'mine')],
  agentFolders: [join(root, 'my-agents')],
  cwd: root,
});

function describeFailure(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    if (error instanceof HarnessError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('it was found');
}

describe('createCatalogue', () => {
  it('lists scenarios and agents apart, by their keys and their folder', () => {
    expect(catalogue.scenarios().map(({ id }) => id)).toEqual([
      'deep/sink-outage',
      'loss/sink-outage',
      'other',
      'spike/viral-video',
    ]);
    expect(catalogue.agents().map(({ id }) => id)).toEqual([
      'agents/larsen-agent',
      'agents/rogues/acks-and-dies/agent',
      'agents/rogues/stops-reading/agent',
      'tuned',
    ]);
  });

  it('finds by path, by the path below a folder, by a unique last segment', () => {
    expect(catalogue.findScenario('spike/viral-video').id).toBe('spike/viral-video');
    expect(catalogue.findScenario('viral-video').file).toBe(join(root, 'built-in/spike/viral-video.yaml'));
    expect(catalogue.findScenario('here.yaml')).toEqual({ id: 'here.yaml', file: join(root, 'here.yaml') });
    expect(catalogue.findScenario('./mine/deep/sink-outage.yaml').id).toBe('deep/sink-outage');
    expect(catalogue.findScenario(join(root, 'here.yaml')).file).toBe(join(root, 'here.yaml'));
    expect(catalogue.findScenario('deep/sink-outage').id).toBe('deep/sink-outage');
  });

  it('finds agents by the same rule, below agents/ too, and `x/agent` as `x`', () => {
    for (const name of ['larsen-agent', 'agents/larsen-agent', 'built-in/agents/larsen-agent.yaml'])
      expect(catalogue.findAgent(name).id).toBe('agents/larsen-agent');
    for (const name of ['stops-reading', 'rogues/stops-reading', 'rogues/stops-reading/agent'])
      expect(catalogue.findAgent(name).id).toBe('agents/rogues/stops-reading/agent');
    expect(catalogue.findAgent('tuned').id).toBe('tuned');
  });

  it('names the candidates of an ambiguous name and the nearest of an unknown one', () => {
    expect(describeFailure(() => catalogue.findScenario('sink-outage'))).toMatchInlineSnapshot(`
      "E_SCENARIO_AMBIGUOUS: "sink-outage" names more than one scenario; say which, by its longer name or its path:
        deep/sink-outage  (mine/deep/sink-outage.yaml)
        loss/sink-outage  (built-in/loss/sink-outage.yaml)"
    `);
    expect(describeFailure(() => catalogue.findScenario('viral-vido'))).toMatchInlineSnapshot(
      `"E_SCENARIO_UNKNOWN: There is no scenario "viral-vido". Did you mean \`spike/viral-video\`? \`larsen list\` shows all."`,
    );
    expect(describeFailure(() => catalogue.findAgent('larsn-agent'))).toContain('Did you mean `agents/larsen-agent`?');
    expect(describeFailure(() => catalogue.findAgent('./nowhere.yaml'))).toMatchInlineSnapshot(
      `"E_AGENT_UNKNOWN: There is no file "./nowhere.yaml". Check the path of the agent."`,
    );
    expect(describeFailure(() => catalogue.findScenario('larsen-agent'))).toContain('E_SCENARIO_UNKNOWN');
    expect(describeFailure(() => catalogue.findScenario(''))).toContain('E_SCENARIO_UNKNOWN');
  });

  it('refuses a folder of the config that is not there', () => {
    expect(describeFailure(() => createCatalogue({ scenarioFolders: [join(root, 'none')] }))).toContain(
      'E_CONFIG_FOLDER',
    );
  });
});
