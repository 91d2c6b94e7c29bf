import type { Timing } from "../timing.js";

/** Milliseconds of waiting in which at least so many bytes have to come. */
const period = 60_000;
const leastBytes = 16 * 1024;

/** Hands a body on, and gives up on one that only drips: it would go on for days without ever being silent. */
export async function* paced(
  chunks: AsyncIterable<Uint8Array>,
  timing: Timing,
): AsyncGenerator<Uint8Array, void> {
  let asked = timing.now();
  let waited = 0;
  let bytes = 0;
  for await (const chunk of chunks) {
    waited += timing.now() - asked;
    bytes += chunk.length;
    if (waited > period) {
      if (bytes < leastBytes) throw new Error(`only ${bytes} bytes came in ${Math.round(waited / 1000)} s`);
      waited = 0;
      bytes = 0;
    }
    yield chunk;
    asked = timing.now();
  }
}
