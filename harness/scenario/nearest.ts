// The nearest known name to a mistyped one, for messages that help.

/** The known name within a third of its length in edits of `name`, or undefined when none is that close. */
export function findNearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of known) {
    const distance = measureDistance(name.toLowerCase().slice(0, 100), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best !== undefined && bestDistance <= Math.max(2, Math.ceil(best.length / 3)) ? best : undefined;
}

/** The names that contain `name` or are near to it, nearest first, at most three. */
export function findNearestNames(name: string, known: Iterable<string>): string[] {
  const near = [...known].map((candidate) => ({ candidate, distance: rankName(name, candidate) }));
  return near
    .filter(({ distance, candidate }) => distance <= Math.max(2, Math.ceil(lastSegment(candidate).length / 3)))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** `, did you mean ...?` for a message, or an empty text. */
export function suggest(name: string, known: Iterable<string>): string {
  const nearest = findNearest(name, known);
  return nearest === undefined ? '' : ` Did you mean \`${nearest}\`?`;
}

function rankName(name: string, candidate: string): number {
  const last = lastSegment(candidate);
  if (name.length >= 3 && candidate.includes(name)) return 1;
  return Math.min(measureDistance(lastSegment(name), last), measureDistance(name, candidate));
}

function lastSegment(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** Edits (insert, delete, replace, swap of neighbours) between two texts. */
function measureDistance(left: string, right: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const cost = left[row - 1] === right[column - 1] ? 0 : 1;
      let edits = Math.min(previous[column]! + 1, current[column - 1]! + 1, previous[column - 1]! + cost);
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1])
        edits = Math.min(edits, older[column - 2]! + 1);
      current.push(edits);
    }
    [older, previous] = [previous, current];
  }
  return previous[right.length]!;
}

/** That there is no such thing, with the nearest and all known names; `contracted`: names of later versions. */
export function describeUnknownName(
  name: string,
  { what, known, contracted = [] }: { what: string; known: string[]; contracted?: readonly string[] },
): string {
  if (contracted.includes(name))
    return `${what} ${JSON.stringify(name)} is not in this version of larsen yet; it has ${known.join(', ')}.`;
  return `there is no ${what} ${JSON.stringify(name)}.${suggest(name, known)} Known: ${known.join(', ') || 'none'}.`;
}
