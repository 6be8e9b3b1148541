// A tag from its template, as Docker makes it with Go's text/template: parse, execute, text.
//
//   'docker.{{upper .Name}}' ─ lex ─► tokens ─ parse ─► tree ─ execute(container) ─► 'docker.WEB_1'

import { executeTemplate } from './execute.ts';
import { FUNCTIONS } from './functions.ts';
import { parseTemplate } from './parse.ts';
import type { GoObject } from './value.ts';

const NAMES = new Set(Object.keys(FUNCTIONS));

/** The text of a template over an object. Throws TemplateError with the words of Go. */
export function renderTemplate(input: string, object: GoObject): string {
  return executeTemplate(parseTemplate(input, NAMES), { input, functions: FUNCTIONS, object });
}
