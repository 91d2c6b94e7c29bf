/** A JSON pointer, `/packages/0/SPDXID`, as a path of our problems: `packages[0].SPDXID`. */
export function dottedPath(pointer: string): string {
  const parts = pointer.split("/").slice(1);
  return parts
    .map((part) =>
      /^\d+$/.test(part) ? `[${part}]` : `.${part.replaceAll("~1", "/").replaceAll("~0", "~")}`,
    )
    .join("")
    .replace(/^\./, "");
}
