/** Git addresses on a command line: `https://example.com/repository.git#REF:PATH`. */

export type GitAddress = {
  readonly url: string;
  /** Branch, tag or commit; "" for HEAD. */
  readonly ref: string;
  /** Path below the repository's root; "" for the root. */
  readonly path: string;
};

/** Undefined when the address is none of git: a path of the machine. */
export function parseGitAddress(address: string): GitAddress | undefined {
  const [url = "", ...fragments] = address.split("#");
  if (!/^(?:https?|ssh|git):\/\/[^/]+\/./.test(url) && !/^[\w.-]+@[\w.-]+:[^/]/.test(url)) return undefined;
  const fragment = fragments.join("#");
  const colon = fragment.indexOf(":");
  if (colon === -1) return { url, ref: fragment, path: "" };
  return { url, ref: fragment.slice(0, colon), path: fragment.slice(colon + 1).replace(/^\/+/, "") };
}
