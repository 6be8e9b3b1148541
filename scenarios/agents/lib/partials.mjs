// Docker cuts a line at 16 KiB and sends the pieces as records of their own. This puts them together again, as
// bytes, because a cut may fall inside a character.

const PIECE_BYTES = 16_384;
const LINE_BYTES_MAX = 4 * 1024 * 1024;
const OPEN_MAX = 1_000;

/**
 * Returns `join(fields)`: the whole line as a Buffer, or null while pieces are missing; and `rest()` at the end.
 * `partialKey(fields)` names the line that a piece belongs to; null: pieces are lines.
 */
export function createPartialJoiner(partialKey = idOfLine) {
  const open = new Map();

  const join = (fields) => {
    const log = fields.get('log') ?? Buffer.alloc(0);
    if (String(fields.get('partial_message') ?? '') !== 'true') return log;
    const key = partialKey(fields);
    if (key === null) return log;
    const line = open.get(key) ?? { fields, pieces: [], bytes: 0 };
    line.pieces.push(log);
    line.bytes += log.length;
    open.set(key, line);
    if (!isLast(fields, log) && line.bytes < LINE_BYTES_MAX && open.size <= OPEN_MAX) return null;
    open.delete(key);
    return Buffer.concat(line.pieces);
  };

  /** What was never closed: fields of the first piece, and the bytes. */
  const rest = () => [...open.values()].map(({ fields, pieces }) => ({ fields, line: Buffer.concat(pieces) }));
  return { join, rest };
}

function idOfLine(fields) {
  return String(fields.get('partial_id') ?? `${fields.get('container_id')}/${fields.get('source')}`);
}

/** Docker 18.09 does not say which piece is the last one: there it is the first that is not full. */
function isLast(fields, log) {
  const last = fields.get('partial_last');
  return last === undefined ? log.length < PIECE_BYTES : String(last) === 'true';
}
