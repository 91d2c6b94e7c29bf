/**
 * The simple commands of a shell text, word by word: enough of POSIX sh to read the examples and the
 * documentation's blocks. Pipes, lists and redirections end a command, `$(...)` is read as well.
 */

export type Variables = ReadonlyMap<string, string>;

/** Every simple command in order, those inside `$(...)` too. Assignments before a command are left out. */
export function shellCommands(text: string, variables: Variables = defaultsIn(text)): string[][] {
  const reader = new ShellReader(text, variables);
  reader.read();
  return reader.commands.map(withoutAssignments).filter((words) => words.length > 0);
}

/** The defaults that a script states as `: "${NAME:=value}"`. */
export function defaultsIn(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name = "", value = ""] of text.matchAll(/^: "\$\{(\w+):=([^}"]*)\}"/gm)) {
    found.set(name, substitute(value, found));
  }
  return found;
}

/** Replaces `$NAME`, `${NAME}` and `${NAME:-default}`; what is unknown stays as it is. */
function substitute(text: string, variables: Variables): string {
  return text.replace(/\$(?:(\w+)|\{(\w+)(?::?[-=]([^}]*))?\})/g, (whole, plain, braced, fallback) => {
    const name = String(plain ?? braced);
    return variables.get(name) ?? (typeof fallback === "string" ? fallback : whole);
  });
}

function withoutAssignments(words: readonly string[]): string[] {
  const first = words.findIndex((word) => !/^\w+=/.test(word));
  return first < 0 ? [] : words.slice(first);
}

class ShellReader {
  readonly commands: string[][] = [];
  private words: string[] = [];
  private word: string | undefined;
  private position = 0;

  constructor(
    private readonly text: string,
    private readonly variables: Variables,
  ) {}

  read(): void {
    while (this.position < this.text.length) this.step(this.text.charAt(this.position));
    this.endCommand();
  }

  private step(character: string): void {
    switch (character) {
      case "\\":
        // Before the end of a line it joins the lines; elsewhere the next character stands for itself.
        if (this.text.charAt(this.position + 1) !== "\n") this.append(this.text.charAt(this.position + 1));
        this.position += 2;
        return;
      case "'":
        this.append(this.upTo("'"));
        return;
      case '"':
        this.append(substitute(this.doubleQuoted(), this.variables));
        return;
      case "$":
        this.dollar();
        return;
      case "#":
        if (this.word === undefined) this.skipLine();
        else this.take(character);
        return;
      case "<":
      case ">":
        this.redirection();
        return;
      case " ":
      case "\t":
        this.endWord();
        break;
      case "\n":
      case ";":
      case "|":
      case "&":
      case "(":
      case ")":
        this.endCommand();
        break;
      default:
        this.take(character);
        return;
    }
    this.position += 1;
  }

  private take(character: string): void {
    this.append(character);
    this.position += 1;
  }

  private append(text: string): void {
    this.word = (this.word ?? "") + text;
  }

  private endWord(): void {
    if (this.word !== undefined) this.words.push(this.word);
    this.word = undefined;
  }

  private endCommand(): void {
    this.endWord();
    if (this.words.length > 0) this.commands.push(this.words);
    this.words = [];
  }

  /** The text up to a closing mark, which is read over. */
  private upTo(mark: string): string {
    const end = this.text.indexOf(mark, this.position + 1);
    const until = end < 0 ? this.text.length : end;
    const found = this.text.slice(this.position + 1, until);
    this.position = until + 1;
    return found;
  }

  private doubleQuoted(): string {
    let found = "";
    this.position += 1;
    while (this.position < this.text.length && this.text.charAt(this.position) !== '"') {
      if (this.text.startsWith("$(", this.position)) {
        found += this.substitution();
        continue;
      }
      if (this.text.charAt(this.position) === "\\") this.position += 1;
      found += this.text.charAt(this.position);
      this.position += 1;
    }
    this.position += 1;
    return found;
  }

  private dollar(): void {
    if (this.text.startsWith("$(", this.position)) {
      this.append(this.substitution());
      return;
    }
    const [variable = "$"] = /^\$(\w+|\{[^}]*\})/.exec(this.text.slice(this.position)) ?? [];
    this.position += variable.length;
    const value = substitute(variable, this.variables);
    // An unquoted variable is split into words: ATTEST may be `dagger call -m MODULE`. An empty one is none.
    if (value === "") return;
    const [first = "", ...rest] = value.split(" ");
    this.append(first);
    for (const word of rest) {
      this.endWord();
      this.append(word);
    }
  }

  /** Reads the commands inside `$(...)`; its output is not known, so the text stands for it. */
  private substitution(): string {
    const start = this.position;
    let depth = 0;
    do {
      const character = this.text.charAt(this.position);
      if (character === "(") depth += 1;
      if (character === ")") depth -= 1;
      this.position += 1;
    } while (depth > 0 || this.position === start + 1);
    const whole = this.text.slice(start, this.position);
    this.commands.push(...shellCommands(whole.slice(2, -1), this.variables));
    return whole;
  }

  /** `> file`, `2>&1`, `<<EOF`: no words of the command. A here-document's text is read over. */
  private redirection(): void {
    if (this.word !== undefined && /^\d$/.test(this.word)) this.word = undefined;
    this.endWord();
    const rest = this.text.slice(this.position);
    const here = /^<<-?\s*(['"]?)(\w+)\1[^\n]*\n[\s\S]*?^\s*\2$/m.exec(rest);
    const [plain] = /^[<>]+(&\d|\s*("[^"]*"|[^\s;|&()]+))?/.exec(rest) ?? [">"];
    this.position += (here ?? [plain])[0].length;
  }

  private skipLine(): void {
    const end = this.text.indexOf("\n", this.position);
    this.position = end < 0 ? this.text.length : end;
  }
}
