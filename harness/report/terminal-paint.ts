// What a terminal can do and how larsen uses it: colours by meaning, width, whether lines can be redrawn. Colour
// never carries a meaning alone; every verdict has its word and symbol.

import { createColors } from 'picocolors';
import type { Severity } from '../model/finding.ts';
import type { Verdict } from '../model/verdict.ts';

/** Colours by meaning; identities when colour is off. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  verdict(verdict: Verdict, text: string): string;
  severity(severity: Severity, text: string): string;
  /** Something to type. */
  command(text: string): string;
}

/** What the terminal behind a stream can do. */
export interface TerminalTraits {
  isTty: boolean;
  color: boolean;
  /** Columns to use: the terminal's, at most 100; 100 where there is none. */
  width: number;
}

const WIDTH_MAX = 100;
const WIDTH_MIN = 40;

/** A paint with colour on or off. */
export function createPaint(color: boolean): Paint {
  const colors = createColors(color);
  const verdicts = { valid: colors.green, invalid: colors.red, unknown: colors.yellow };
  const severities = { critical: colors.red, major: colors.yellow, minor: colors.cyan };
  return {
    bold: colors.bold,
    dim: colors.dim,
    verdict: (verdict, text) => colors.bold(verdicts[verdict](text)),
    severity: (severity, text) => severities[severity](text),
    command: colors.cyan,
  };
}

/** Traits of a stream under this environment: `CI=true` and `TERM=dumb` mean plain lines, `NO_COLOR` no colour, `FORCE_COLOR` colour. */
export function detectTerminal(
  stream: { isTTY?: boolean; columns?: number },
  env: Record<string, string | undefined>,
): TerminalTraits {
  const inCi = env.CI !== undefined && env.CI !== '' && env.CI !== 'false' && env.CI !== '0';
  const isTty = stream.isTTY === true && !inCi && env.TERM !== 'dumb';
  const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  const refused = env.NO_COLOR !== undefined && env.NO_COLOR !== '';
  return { isTty, color: !refused && (isTty || forced), width: clampWidth(stream.columns ?? WIDTH_MAX) };
}

/** Keeps a width between 40 and 100 columns: longer lines are hard to read. */
export function clampWidth(columns: number): number {
  return Math.max(WIDTH_MIN, Math.min(WIDTH_MAX, columns));
}
