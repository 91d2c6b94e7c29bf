const longest = 100;

/** Text of a registry's for people: on one line, of a length to read, and without what moves a terminal's cursor. */
export function shownText(text: string): string {
  const cut = text.length <= longest ? text : `${text.slice(0, longest)}...`;
  return cut.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}
