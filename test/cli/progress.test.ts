import { expect, test } from "vitest";

import { makeProgress, type ProgressOptions } from "../../cli/progress.js";

function written(options: Partial<ProgressOptions>): string {
  let text = "";
  const progress = makeProgress({
    isTerminal: true,
    quiet: false,
    write: (more) => {
      text += more;
    },
    ...options,
  });
  progress.step({ id: "1", name: "from alpine:3.22", state: "started" });
  progress.step({ id: "1", name: "from alpine:3.22", state: "done", ms: 4321 });
  progress.step({ id: "2", name: "entrypoint", state: "done", ms: 12 });
  progress.step({ id: "3", name: "withExec make", state: "failed", ms: 61_000 });
  progress.line("a warning");
  return text;
}

test("a step that took seconds has a line with its time", () => {
  expect(written({})).toBe("   4.3 s  from alpine:3.22\n  61.0 s  withExec make  failed\na warning\n");
});

test("without a terminal only what functions print is passed on", () => {
  expect(written({ isTerminal: false })).toBe("a warning\n");
});

test("nothing is written when quiet", () => {
  expect(written({ quiet: true })).toBe("");
});
