/** Lines of a text that comes in pieces. */

/** A text in order, cut anywhere. */
export type TextPieces = AsyncIterable<string> | Iterable<string>;

/** The lines, without the line feeds that end them; at last what stands behind the last of those, which may be nothing. */
export async function* linesOf(pieces: TextPieces): AsyncGenerator<string, void, undefined> {
  let line = "";
  for await (const piece of pieces) {
    let from = 0;
    for (let at = piece.indexOf("\n"); at >= 0; at = piece.indexOf("\n", from)) {
      yield line + piece.slice(from, at);
      line = "";
      from = at + 1;
    }
    line += piece.slice(from);
  }
  yield line;
}
