const linkTarget = /[\s,]*<([^<>]*)>/y;
const linkParameter = /\s*;\s*([^\s=;,"]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/y;

/**
 * Where a Link header says that the next page is; undefined when it says nothing of one. What can't be read ends it.
 * https://www.rfc-editor.org/rfc/rfc8288#section-3
 */
export function nextLink(header: string): string | undefined {
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(header);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  for (let link = take(linkTarget); link !== null; link = take(linkTarget)) {
    const relations: string[] = [];
    for (let one = take(linkParameter); one !== null; one = take(linkParameter)) {
      const [, name = "", quoted, plain = ""] = one;
      if (name.toLowerCase() === "rel") relations.push(...(quoted ?? plain).toLowerCase().split(/\s+/));
    }
    if (relations.includes("next")) return link[1];
  }
  return undefined;
}
