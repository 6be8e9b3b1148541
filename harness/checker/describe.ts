// Numbers and names as findings say them.

/** `1,204`. */
export function describeCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** `1,204 lines`, `1 line`. */
export function describeLines(count: number): string {
  return `${describeCount(count)} ${Math.round(count) === 1 ? 'line' : 'lines'}`;
}

/** `web`, `web and media`, `web, media and 3 more apps`. */
export function describeNames(names: string[]): string {
  if (names.length <= 1) return names[0] ?? 'no app';
  if (names.length === 2) return `${names[0]} and ${names[1]}`;
  if (names.length === 3) return `${names[0]}, ${names[1]} and ${names[2]}`;
  return `${names[0]}, ${names[1]} and ${names.length - 2} more apps`;
}
