// The tree of a parsed template. Every node knows where it stands and how Go prints it: errors show both.

import type { Constant } from './constant.ts';

/** What all nodes have. */
export interface Node {
  /** Bytes from the start of the template. */
  position: number;
  /** The node as Go prints it. */
  source: string;
}

/** A word of a command. */
export type Operand =
  | (Node & { kind: 'field'; names: string[] })
  | (Node & { kind: 'variable'; names: string[] })
  | (Node & { kind: 'chain'; of: Operand; names: string[] })
  | (Node & { kind: 'function'; name: string })
  | (Node & { kind: 'constant'; value: Constant })
  | (Node & { kind: 'dot' | 'nil' })
  | Pipeline;

/** Words after another: a value, or a function with its arguments. */
export interface Command extends Node {
  words: Operand[];
}

/** Commands that hand their value on; `declares` gives it to variables. */
export interface Pipeline extends Node {
  kind: 'pipeline';
  declares: string[];
  isAssign: boolean;
  commands: Command[];
}

/** A piece of a template. */
export type Statement =
  | (Node & { kind: 'text'; text: string })
  | (Node & { kind: 'action'; pipeline: Pipeline })
  | (Node & { kind: 'break' | 'continue' })
  | (Node & { kind: 'if' | 'with' | 'range'; pipeline: Pipeline; body: Statement[]; otherwise: Statement[] | null });
