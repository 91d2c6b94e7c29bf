import { describe, expect, it } from "vitest";

import { argvOf } from "../../../src/provenance/dockerfile/command.js";
import { mountsOf, mountTarget } from "../../../src/provenance/dockerfile/mounts.js";
import { longestDockerfile, parseDockerfile } from "../../../src/provenance/dockerfile/parse.js";

const parsed = async (...lines: string[]) => (await parseDockerfile(lines.join("\n"))).instructions;

describe("parseDockerfile", () => {
  it("finds instructions and their lines, comments and continued lines between them", async () => {
    const found = await parsed(
      "# a comment",
      "ARG V=1",
      "from alpine:$V AS Build",
      "RUN make \\",
      "  # not of it",
      "",
      "  && make install",
      "  copy --from=Build --chown=1:1 a b",
    );
    expect(found).toEqual([
      { keyword: "ARG", lines: [2, 2], flags: [], text: "V=1", heredocs: [] },
      { keyword: "FROM", lines: [3, 3], flags: [], text: "alpine:$V AS Build", heredocs: [] },
      { keyword: "RUN", lines: [4, 7], flags: [], text: "make   && make install", heredocs: [] },
      {
        keyword: "COPY",
        lines: [8, 8],
        flags: [
          { name: "from", value: "Build" },
          { name: "chown", value: "1:1" },
        ],
        text: "a b",
        heredocs: [],
      },
    ]);
  });

  it("reads CRLF and a byte order mark", async () => {
    const { instructions } = await parseDockerfile(
      "\uFEFFFROM alpine\r\nRUN --mount=type=cache,target=/c \\\r\n  make \\\r\n  # no\r\n  all\r\n",
    );
    expect(instructions.map(({ text, lines }) => [text, ...lines])).toEqual([
      ["alpine", 1, 1],
      ["make   all", 2, 5],
    ]);
  });

  it("takes the escape directive, and keeps a backslash then", async () => {
    const { escape, instructions } = await parseDockerfile(
      "# escape=`\nFROM alpine\nRUN dir C:\\ `\n  /s\nRUN echo ok",
    );
    expect(escape).toBe("`");
    expect(instructions.map(({ text }) => text)).toEqual(["alpine", "dir C:\\   /s", "echo ok"]);
  });

  it("names the frontend that is asked for, in the first lines only", async () => {
    expect((await parseDockerfile("#syntax = docker/dockerfile:1\nFROM a")).syntax).toBe(
      "docker/dockerfile:1",
    );
    expect((await parseDockerfile("# note\n# syntax=docker/dockerfile:1\nFROM a")).syntax).toBeUndefined();
  });

  it("leaves out what is in heredocs, and finds what comes after them", async () => {
    const found = await parsed(
      "FROM alpine",
      "RUN <<EOF bash",
      "FROM canary",
      "EOF",
      "COPY <<-'ONE' <<TWO /etc/",
      "canary",
      "\tONE",
      "canary",
      "TWO",
      "RUN true",
    );
    expect(JSON.stringify(found)).not.toContain("canary");
    expect(found.map(({ keyword, lines, heredocs }) => [keyword, ...lines, ...heredocs])).toEqual([
      ["FROM", 1, 1],
      ["RUN", 2, 4, "EOF"],
      ["COPY", 5, 9, "ONE", "TWO"],
      ["RUN", 10, 10],
    ]);
  });

  it("gives the command as it is handed to the container", async () => {
    const [, shell, list, none] = await parsed("FROM a", 'RUN echo "$X"', 'RUN ["a", "b c"]', "RUN [ -f x ]");
    const argv = [shell, list, none].map((one) => (one === undefined ? [] : argvOf(one, ["sh"])));
    expect(argv).toEqual([
      ["sh", 'echo "$X"'],
      ["a", "b c"],
      ["sh", "[ -f x ]"],
    ]);
  });

  it("reads mounts in their several spellings", async () => {
    const [, run] = await parsed(
      "FROM a",
      'RUN --mount=type=secret,id=t,required --mount=type=secret,id=e,env=E --mount=dst=/x,"source=a,b" --mount=type=ssh x',
    );
    const mounts = run === undefined ? [] : mountsOf(run);
    expect(mounts.map((one) => [one.type, mountTarget(one)])).toEqual([
      ["secret", "/run/secrets/t"],
      ["secret", "$E"],
      ["bind", "/x"],
      ["ssh", "/run/buildkit/ssh_agent.0"],
    ]);
    expect(mounts[0]?.options.get("required")).toBe("true");
    expect(mounts[2]?.options.get("source")).toBe("a,b");
  });

  it.each([
    ["nothing", ""],
    ["no FROM", "RUN canary"],
    ["something before FROM", "ENV A=canary\nFROM a"],
    ["an instruction that nobody knows", "FROM a\nCANARY canary"],
    ["text", "canary canary\ncanary"],
    ["too much", `FROM a\n${"# canary\n".repeat(longestDockerfile / 9)}`],
  ])("refuses %s, and repeats nothing of it", async (_what, text) => {
    const error = await parseDockerfile(text).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).not.toMatch(/canary/i);
  });

  it("reads the longest that it takes in a few seconds", async () => {
    const lines = Array.from({ length: 4000 }, (_, index) => `RUN echo ${index} \\\n  && make all of it`);
    const text = `FROM a\n${lines.join("\n")}`.slice(0, longestDockerfile - 100);
    expect((await parseDockerfile(text)).instructions.length).toBeGreaterThan(3000);
    const heredoc = `FROM a\nRUN <<E\n${"x\n".repeat(100_000)}E\n`;
    expect((await parseDockerfile(heredoc)).instructions).toHaveLength(2);
  });
});
