/**
 * A Dockerfile as a list of instructions. Finding them (comments, continued lines, heredocs, the escape directive) is
 * `dockerfile-ast`'s; docs/decisions/2026-11-27-dockerfile.md says why.
 */

export type Flag = { readonly name: string; readonly value: string };

export type Instruction = {
  /** In capitals. */
  readonly keyword: string;
  /** First and last line, from 1, a heredoc's included. */
  readonly lines: readonly [first: number, last: number];
  readonly flags: readonly Flag[];
  /** What follows the flags, continued lines joined as BuildKit joins them. Contents of heredocs are not in it. */
  readonly text: string;
  /** Names of its heredocs; what is in them is not kept. */
  readonly heredocs: readonly string[];
};

export type ParsedDockerfile = {
  readonly escape: string;
  /** Image of the frontend that a `# syntax=` line asks for. */
  readonly syntax?: string;
  readonly instructions: readonly Instruction[];
};

/** Bytes of the longest Dockerfile that is read. */
export const longestDockerfile = 262_144;

const keywords: ReadonlySet<string> = new Set([
  ...["ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK"],
  ...["LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"],
]);

/**
 * Reads the text of a Dockerfile.
 * @throws Error with a reason that tells lines and keywords, and nothing of the text
 */
export async function parseDockerfile(text: string): Promise<ParsedDockerfile> {
  if (Buffer.byteLength(text) > longestDockerfile)
    throw new Error(`it has more than ${longestDockerfile} bytes`);
  const { DockerfileParser } = await import("dockerfile-ast");
  const file = DockerfileParser.parse(text);
  const escape = file.getEscapeCharacter();
  const instructions = file.getInstructions().map((one) => instructionOf(one, escape));
  for (const { keyword, lines } of instructions)
    if (!keywords.has(keyword)) throw new Error(`line ${lines[0]} has an instruction that is not known`);
  const first = instructions.find(({ keyword }) => keyword !== "ARG");
  if (first?.keyword !== "FROM") throw new Error("it does not begin with FROM");
  const syntax = file
    .getDirectives()
    .find((one) => one.getName().toLowerCase() === "syntax")
    ?.getValue()
    .trim();
  return { escape, ...(syntax === undefined || syntax === "" ? {} : { syntax }), instructions };
}

/** What is used of the library's instructions; of some it has more. */
type AstInstruction = {
  getKeyword(): string;
  getRange(): { start: { line: number }; end: { line: number } };
  getRawArgumentsContent(): string | null;
  getFlags?(): { getName(): string; getValue(): string | null }[];
  getHeredocs?(): { getName(): string }[];
};

/** Instructions that have flags; elsewhere `--` begins a word like another. */
const flagged = /^(?:ADD|COPY|FROM|HEALTHCHECK|RUN)$/;
const withHeredocs = /^(?:ADD|COPY|RUN)$/;

function instructionOf(one: unknown, escape: string): Instruction {
  const instruction = one as AstInstruction;
  const keyword = instruction.getKeyword().toUpperCase();
  const { start, end } = instruction.getRange();
  const flags = flagged.test(keyword) ? (instruction.getFlags?.() ?? []) : [];
  const heredocs = withHeredocs.test(keyword) ? (instruction.getHeredocs?.() ?? []) : [];
  return {
    keyword,
    lines: [start.line + 1, end.line + 1],
    flags: flags.map((flag) => ({ name: flag.getName().toLowerCase(), value: flag.getValue() ?? "" })),
    text: joinLines(instruction.getRawArgumentsContent() ?? "", escape),
    heredocs: heredocs.map((heredoc) => heredoc.getName()),
  };
}

/**
 * The line that continued lines make. Comments and empty lines between them are left out, spaces at their beginnings
 * stay; what comes after the last of them is a heredoc's.
 */
function joinLines(raw: string, escape: string): string {
  const end = escape === "`" ? /(^|[^`])`[ \t]*$/ : /(^|[^\\])\\[ \t]*$/;
  let joined = "";
  for (const [index, line] of raw.split(/\r?\n/).entries()) {
    if (index > 0 && /^\s*(?:#|$)/.test(line)) continue;
    const kept = line.replace(end, "$1");
    joined += kept;
    if (kept === line) break;
  }
  return joined.trim();
}
