/** Equal texts held once: what a build repeats tens of thousands of times is read anew each time. */

/** A function that gives the first text that is equal. */
export function textsOnce(): (text: string) => string {
  const texts = new Map<string, string>();
  return (text) => {
    const first = texts.get(text);
    if (first === undefined) texts.set(text, text);
    return first ?? text;
  };
}
