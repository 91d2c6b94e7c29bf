import { expect, test } from "vitest";

import { defaultsIn, shellCommands } from "../../cli/shell-commands.js";

test.each<[string, string, string[][]]>([
  ["words", "a  b\tc", [["a", "b", "c"]]],
  ["lines, lists and pipes", "a 1\nb 2 && c 3 | d; e", [["a", "1"], ["b", "2"], ["c", "3"], ["d"], ["e"]]],
  ["continued lines", "a \\\n  b", [["a", "b"]]],
  ["quotes", `a 'b "c"' "d 'e'" f\\ g ""`, [["a", `b "c"`, "d 'e'", "f g", ""]]],
  ["comments", "# a\nb # c\nd#e", [["b"], ["d#e"]]],
  ["redirections", "a b >c.json 2>&1 <d", [["a", "b"]]],
  ["a here-document", "a <<'EOF'\nb c\nEOF\nd", [["a"], ["d"]]],
  ["assignments", "A=1 b c\nD=2", [["b", "c"]]],
  [
    "commands inside others",
    'x=$(a "b")\necho "$(c d)" e',
    [
      ["a", "b"],
      ["c", "d"],
      ["echo", "$(c d)", "e"],
    ],
  ],
  ["unknown variables", 'a "$B" --c=${D}', [["a", "$B", "--c=${D}"]]],
  ["a variable's default", "a ${B:-c}", [["a", "c"]]],
])("reads %s", (_, text, expected) => {
  expect(shellCommands(text)).toEqual(expected);
});

test("puts in what a script states as defaults, and splits what is not quoted", () => {
  const text = ': "${TOOL:=dagger call}"\n: "${IMAGE:=example/app}"\n: "${REF:=$IMAGE:1}"\n$TOOL x "$REF"';
  expect(defaultsIn(text).get("REF")).toBe("example/app:1");
  expect(shellCommands(text).at(-1)).toEqual(["dagger", "call", "x", "example/app:1"]);
});

test("makes no word of a variable that is empty and not quoted", () => {
  const text = ': "${MORE:=}"\n./attest sbom $MORE "$MORE" --help';
  expect(shellCommands(text).at(-1)).toEqual(["./attest", "sbom", "", "--help"]);
});
