// Texts with a `*` in them: labels in rules, names of files.

/** `*` stands for any characters, everything else for itself. Never goes back further than to the last `*`. */
export function matchesGlob(text: string, glob: string): boolean {
  let at = 0;
  let inGlob = 0;
  let starInGlob = -1;
  let starAt = 0;
  while (at < text.length) {
    if (glob[inGlob] === '*') {
      starInGlob = inGlob++;
      starAt = at;
    } else if (glob[inGlob] === text[at]) {
      inGlob++;
      at++;
    } else {
      if (starInGlob < 0) return false;
      inGlob = starInGlob + 1;
      at = ++starAt;
    }
  }
  while (glob[inGlob] === '*') inGlob++;
  return inGlob === glob.length;
}
