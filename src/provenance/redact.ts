/**
 * Redaction: what may leave a build's record. Applied by collectors, so that evidence is clean before
 * anything reads it. Rules err on the side of hiding: a hidden word costs a reader a detail, a shown one
 * costs the user a credential.
 *
 * What can't be recognised can't be hidden: a secret that stands bare in a command, in no known form and
 * nowhere else in the build, looks like any other word. `MIN` provenance leaves commands out altogether.
 */

/** Text longer than this is hidden as a whole: nobody reads it, and each rule below stays fast. */
const longestText = 16_384;
const longestReason = 200;

/** Known values shorter than this are ignored: they would hide everything. */
const shortestKnown = 4;

/** What stands where something was hidden. */
export const hidden = "***";

/** Text, commands and URLs with the given values, and everything that looks like a credential, hidden. */
export type Redactor = {
  readonly text: (value: string) => string;
  readonly argv: (args: readonly string[]) => string[];
  readonly url: (value: string) => string;
};

const secretName =
  /pass(?:word|wd|phrase|code)|secret|token|api[-_]?key|private[-_]?key|access[-_]?key|credential|signature|cookie/i;

/** True for a name that says its value is a secret: `GITHUB_TOKEN`, `--db-password`. */
export function namesSecret(name: string): boolean {
  return secretName.test(name);
}

/** True for a value worth hiding wherever it occurs: long enough, and not a plain word or a path. */
export function looksSecret(value: string): boolean {
  return (
    value.length >= 8 &&
    value.length <= 4096 &&
    /[a-z]/i.test(value) &&
    /\d/.test(value) &&
    !value.includes("/")
  );
}

/**
 * Makes a redactor.
 * @param known values that must not occur: credentials seen elsewhere in the same build. Values under 4
 *   characters are ignored, they would hide everything.
 */
export function redactorFor(known: Iterable<string>): Redactor {
  const hideKnown = knownHider(known);
  const text = (value: string) =>
    value.length > longestText ? `${hidden} (${value.length} characters)` : hideForms(hideKnown(value));
  return {
    text,
    argv: (args) => redactArgv(args, text),
    url: (value) => hideKnown(redactUrl(value)),
  };
}

/**
 * Why something failed, without what looks like a secret: for a note in the evidence. The SDK puts the query before it,
 * and the engine what it was about to do, with ids that hold whole recipes: the end of a long text says what went wrong.
 */
export function shownReason(reason: unknown): string {
  const message = reason instanceof Error ? reason.message : String(reason);
  const said = message
    .replace(/^query:\s[\s\S]*?\n\s*error:\s+/, "")
    .replace(/[A-Za-z0-9+/_-]{100,}={0,2}/g, "…")
    .replace(/\s+/g, " ");
  const text = redactorFor([]).text(said.trim());
  if (text.length <= longestReason) return text;
  return `${text.slice(0, longestReason / 2 - 2)} … ${text.slice(1 - longestReason / 2)}`;
}

/**
 * Hides given values in texts. Looked up by their first characters and their lengths, since a build can
 * hold thousands of them.
 */
function knownHider(known: Iterable<string>): (text: string) => string {
  const byStart = new Map<string, Map<number, Set<string>>>();
  const firsts = new Set<number>();
  for (const value of known) {
    if (value.length < shortestKnown || value === hidden) continue;
    const start = value.slice(0, shortestKnown);
    firsts.add(value.charCodeAt(0));
    const byLength = byStart.get(start) ?? new Map<number, Set<string>>();
    byStart.set(start, byLength.set(value.length, (byLength.get(value.length) ?? new Set()).add(value)));
  }
  if (byStart.size === 0) return (text) => text;
  return (text) => {
    let shown = "";
    let from = 0;
    for (let at = 0; at + shortestKnown <= text.length; at++) {
      if (!firsts.has(text.charCodeAt(at))) continue;
      const length = longestAt(text, at, byStart.get(text.slice(at, at + shortestKnown)));
      if (length === 0) continue;
      shown += text.slice(from, at) + hidden;
      from = at + length;
      at = from - 1;
    }
    return from === 0 ? text : shown + text.slice(from);
  };
}

function longestAt(
  text: string,
  at: number,
  byLength: ReadonlyMap<number, ReadonlySet<string>> | undefined,
): number {
  let longest = 0;
  for (const [length, values] of byLength ?? [])
    if (length > longest && values.has(text.slice(at, at + length))) longest = length;
  return longest;
}

/**
 * A URL without user information, without the values of its query and without its fragment. Query names
 * stay: `https://user:pw@host/x?token=abc` gives `https://host/x?token=***`.
 * Git's `user@host:path` form loses its user as well.
 */
export function redactUrl(value: string): string {
  const [beforeFragment = ""] = value.split("#", 1);
  const mark = beforeFragment.indexOf("?");
  const location = mark < 0 ? beforeFragment : beforeFragment.slice(0, mark);
  const query = mark < 0 ? "" : `?${redactQuery(beforeFragment.slice(mark + 1))}`;
  return hideTokens(location.replace(/^([a-z][a-z0-9+.-]*:\/\/)?[^/]*@/i, "$1")) + query;
}

/** The credentials that a URL carries: password, a user name that stands alone, values of the query. */
export function urlCredentials(value: string): string[] {
  if (!value.includes("://") || !/[@?]/.test(value)) return [];
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)@/i.exec(value)?.[1] ?? "";
  const colon = authority.indexOf(":");
  const password = colon < 0 ? "" : authority.slice(colon + 1);
  const userAlone = colon < 0 && authority !== "git" ? authority : "";
  const query = /\?([^#]*)/.exec(value)?.[1] ?? "";
  const values = query.split("&").map((pair) => pair.slice(pair.indexOf("=") + 1));
  return [password, userAlone, ...values]
    .flatMap((part) => [part, decoded(part)])
    .filter((part) => part.length >= 4);
}

function redactQuery(query: string): string {
  const names = query.split("&").map((pair) => {
    const equals = pair.indexOf("=");
    return equals < 0 ? hidden : `${hideForms(pair.slice(0, equals))}=${hidden}`;
  });
  return names.join("&");
}

function redactArgv(args: readonly string[], text: (value: string) => string): string[] {
  return args.map((arg, index) => {
    const before = args[index - 1];
    if (before !== undefined && takesSecret(before)) return hidden;
    return text(arg);
  });
}

/** True for `--token`, `-p`-less long options and `-u`: the next argument is theirs. */
function takesSecret(option: string): boolean {
  if (option === "-u" || option === "--user") return true;
  return /^--?[\w-]+$/.test(option) && namesSecret(option);
}

const urls = /[a-z][a-z0-9+.-]{0,20}:\/\/[^\s'"`<>|;)]+/gi;
const privateKey =
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g;
const authorization = /\b(authorization\s*[:=]\s*)(?:(basic|bearer|token|digest)\s+)?[^\s'"]+/gi;
const scheme = /\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi;
const userOption = /((?:^|\s)(?:-u|--user)[\s=]+)[^\s'":]+:[^\s'"]+/g;
const assignment = new RegExp(
  `([\\w.-]{0,64}(?:${secretName.source})[\\w.-]{0,64}["']?)(\\s*[=:]\\s*|\\s+(?=[^-\\s]))("[^"]*"|'[^']*'|[^\\s'",;&|]+)`,
  "gi",
);
/** `--password value` is an assignment; `get-secret value` in a sentence is not: a bare space counts after an option only. */
function hideAssignment(all: string, name: string, between: string): string {
  return /[=:]/.test(between) || name.startsWith("-") ? `${name}${between}${hidden}` : all;
}

function hideForms(value: string): string {
  // Each form but a bare token has one of these: most words of a build have none, and are many.
  if (!/[\s:=]/.test(value)) return hideTokens(value);
  const withoutKeys = value.replace(privateKey, hidden);
  const withoutUrls = withoutKeys.includes("://") ? withoutKeys.replace(urls, redactUrl) : withoutKeys;
  const withoutHeaders = withoutUrls
    .replace(
      authorization,
      (_all, name: string, kind?: string) => `${name}${kind === undefined ? "" : `${kind} `}${hidden}`,
    )
    .replace(scheme, `$1 ${hidden}`)
    .replace(userOption, `$1${hidden}`);
  return hideTokens(
    secretName.test(withoutHeaders) ? withoutHeaders.replace(assignment, hideAssignment) : withoutHeaders,
  );
}

/** Tokens that say by their form what they are. */
const tokens = new RegExp(
  [
    "gh[pousr]_[A-Za-z0-9]{16,}",
    "github_pat_\\w{16,}",
    "glpat-[\\w-]{16,}",
    "(?:AKIA|ASIA)[0-9A-Z]{16}",
    "eyJ[\\w-]{8,}\\.[\\w-]{8,}(?:\\.[\\w-]*)?",
    "xox[abprs]-[\\w-]{8,}",
    "sk-[\\w-]{16,}",
    "npm_[A-Za-z0-9]{16,}",
    "dckr_pat_[\\w-]{8,}",
    "pypi-[\\w-]{16,}",
    "AIza[\\w-]{30,}",
    "hvs\\.[\\w-]{16,}",
    "dop_v1_\\w{16,}",
  ].join("|"),
  "g",
);
/** Characters of the shortest of them (Slack's). */
const shortestToken = 13;
/** Words spelled with digits for letters, as people spell passwords: s3cr3t-canary, Passw0rd! */
const spelled = /s3cr[e3]t|secr3t|pa[s5]5w|p[4@]ss|passw0rd/i;
const words = /[^\s'"=:,/&?]+/g;
const shortestRandom = 24;
const longWord = new RegExp(`[A-Za-z0-9+_=-]{${shortestRandom},}`, "g");

function hideTokens(value: string): string {
  const withoutTokens = value.length < shortestToken ? value : value.replace(tokens, hidden);
  const withoutForms = spelled.test(withoutTokens)
    ? withoutTokens.replace(words, (word) => (spelled.test(word) ? hidden : word))
    : withoutTokens;
  if (withoutForms.length < shortestRandom) return withoutForms;
  return withoutForms.replace(longWord, (word) => (isRandom(word) ? hidden : word));
}

/** Mixed case and digits without the rhythm of words. Hex digests and names made of words are not random. */
function isRandom(word: string): boolean {
  if (!/[a-z]/.test(word) || !/[A-Z]/.test(word) || !/\d/.test(word)) return false;
  const counts = new Map<string, number>();
  for (const letter of word) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / word.length) * Math.log2(count / word.length);
  return bits > 3.6;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
