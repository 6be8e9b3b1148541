// The change that a finding asks for, as lines to paste back into the file where the driver stands: daemon.json or a
// compose service. Only for findings about the driver; others are about the agent's own config.

import type { AgentSpec } from '../model/agent.ts';
import type { Finding } from '../model/finding.ts';

type SetUp = NonNullable<AgentSpec['setUp']>;

/** Options that a remedy's key stands for, with a value that is safe to begin with. */
const OPTIONS: Record<string, Record<string, string>> = {
  'driver.async': { 'fluentd-async': 'true' },
  'driver.mode': { mode: 'non-blocking', 'max-buffer-size': '4m' },
  'driver.bufferLimit': { 'fluentd-buffer-limit': '1048576' },
  'driver.retryWait': { 'fluentd-retry-wait': '1s' },
};

const ISOLATED = { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } };

/** The findings with `remedy.paste` where the set-up was read from a file. */
export function addPasteLines(findings: readonly Finding[], setUp: SetUp | undefined): Finding[] {
  return findings.map((finding) => {
    const paste = finding.remedy && setUp ? describePaste(finding.remedy, setUp) : undefined;
    return paste === undefined ? finding : { ...finding, remedy: { ...finding.remedy!, paste } };
  });
}

function describePaste({ key, text }: { key: string; text: string }, setUp: SetUp): string | undefined {
  if (key === 'self.driver')
    return describeLogging(ISOLATED.driver, ISOLATED.options, {
      file: setUp.form === 'compose' ? setUp.file : 'the compose file of the agent',
      service: 'the service of the agent',
    });
  const options = OPTIONS[key] ?? namedOption(key, text);
  if (!options) return undefined;
  const merged = { ...setUp.options, ...options };
  if (setUp.form === 'compose')
    return describeLogging(setUp.driver, merged, { file: setUp.file, service: setUp.service ?? '' });
  return `${setUp.file}:\n${JSON.stringify({ 'log-driver': setUp.driver, 'log-opts': merged }, null, 2)}`;
}

/** A remedy about `driver.options` names the option in its text; its value is for the reader to choose. */
function namedOption(key: string, text: string): Record<string, string> | undefined {
  if (key !== 'driver.options') return undefined;
  const option = /\b(fluentd-[a-z-]+|max-buffer-size|mode)\b(?:=([\w.-]+\w))?/.exec(text);
  return option ? { [option[1]!]: option[2] ?? (option[1] === 'fluentd-request-ack' ? 'true' : '…') } : undefined;
}

function describeLogging(
  driver: string,
  options: Record<string, string>,
  { file, service }: { file: string; service: string },
): string {
  const lines = Object.entries(options).map(([key, value]) => `    ${key}: ${JSON.stringify(value)}`);
  return [`${file}, ${service}:`, 'logging:', `  driver: ${driver}`, '  options:', ...lines].join('\n');
}
