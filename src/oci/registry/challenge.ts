/** One way in that a registry offers. RFC 9110, section 11. */
export type Challenge = { readonly scheme: string; readonly parameters: ReadonlyMap<string, string> };

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const parameter = new RegExp(`^(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${token}))`);
const longestHeader = 8192;

/**
 * Reads a WWW-Authenticate header, which may hold several challenges. What can't be read ends it.
 * https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 */
export function readChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  let rest = header.slice(0, longestHeader).replace(/^[\s,]+/, "");
  while (rest !== "") {
    const found = parameter.exec(rest);
    const current = challenges.at(-1);
    if (found !== null && current !== undefined) {
      const [whole, name = "", quoted, plain] = found;
      current.parameters.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, "$1") ?? plain ?? "");
      rest = rest.slice(whole.length);
    } else {
      const scheme = new RegExp(`^${token}`).exec(rest)?.[0];
      if (scheme === undefined) return challenges;
      challenges.push({ scheme: scheme.toLowerCase(), parameters: new Map() });
      rest = rest.slice(scheme.length);
    }
    rest = rest.replace(/^[\s,]+/, "");
  }
  return challenges;
}
