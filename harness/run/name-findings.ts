// The names of what was found, as exactly as a control asks for them: `checker/class`, or `checker/class@hop` where
// the control says at which hop. What is compared with what was asked for is then equal or not.

import type { Finding } from '../model/finding.ts';

/** Sorted names, each once. `asked`: the names that a control has to be found by. */
export function nameFindings(
  findings: readonly Pick<Finding, 'checker' | 'class' | 'hop'>[],
  asked: readonly string[],
): string[] {
  const names = findings.map(({ checker, class: findingClass, hop }) => {
    const name = `${checker}/${findingClass}`;
    const isAskedByHop = asked.some((one) => one.startsWith(`${name}@`));
    if (!isAskedByHop) return name;
    return asked.includes(name) && !asked.includes(`${name}@${hop}`) ? name : `${name}@${hop}`;
  });
  return [...new Set(names)].sort();
}
