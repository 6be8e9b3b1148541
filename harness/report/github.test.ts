import { describe, expect, it } from 'vitest';
import {
  HOSTILE_RUN,
  HOSTILE_TEXT,
  INVALID_RUN,
  resultOf,
  UNKNOWN_RUN,
  VALID_RUN,
} from '../testing/fixtures/report-results.ts';
import { formatGithub } from './github.ts';

describe('formatGithub', () => {
  it('says nothing of a valid run, an error for each finding, a warning for an unknown run', () => {
    expect(formatGithub(resultOf([VALID_RUN]))).toBe('');
    const lines = formatGithub(resultOf([VALID_RUN, UNKNOWN_RUN, INVALID_RUN]))
      .trimEnd()
      .split('\n');
    expect(lines.filter((line) => line.startsWith('::error title='))).toHaveLength(INVALID_RUN.findings.length);
    expect(lines.filter((line) => line.startsWith('::warning title=unknown%3A loss/sink-outage'))).toHaveLength(1);
    expect(lines).toHaveLength(INVALID_RUN.findings.length + 1);
  });

  it('lets no text of a run begin a command of its own', () => {
    const finding = {
      ...INVALID_RUN.findings[0]!,
      title: `x\n::set-output name=a::b\r\n::stop-commands::t ${HOSTILE_TEXT}`,
    };
    const text = formatGithub(resultOf([HOSTILE_RUN, { ...INVALID_RUN, findings: [finding] }]));
    for (const line of text.trimEnd().split('\n')) expect(line).toMatch(/^::(error|warning) title=[^:,]*::/);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it('keeps below the ten that GitHub shows, and counts the rest', () => {
    const findings = Array.from({ length: 30 }, () => INVALID_RUN.findings[0]!);
    const lines = formatGithub(resultOf([{ ...INVALID_RUN, findings }]))
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(10);
    expect(lines.at(-1)).toContain('and 21 more');
  });
});
