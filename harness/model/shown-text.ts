// How a sink that answers in JSON shows bytes: what is no UTF-8 becomes U+FFFD, one for each byte or one for a torn
// sequence, as the decoder likes it. Both sides of a comparison go through here, where a run of them is one.

const RUN = /\uFFFD+/g;

/** The bytes of `line` as any such sink shows them, runs of replacements made one. */
export function showText(line: Uint8Array): Buffer {
  const bytes = Buffer.isBuffer(line) ? line : Buffer.from(line.buffer, line.byteOffset, line.byteLength);
  return Buffer.from(bytes.toString('utf8').replaceAll(RUN, '\uFFFD'));
}
