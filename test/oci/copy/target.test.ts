import { expect, it } from "vitest";

import { copyTarget } from "../../../src/oci/copy/target.js";

const digest = `sha256:${"1".repeat(64)}`;

it.each([
  "registry.example/team/app",
  "registry.example/team/app:1.0",
  `registry.example/team/app:1.0@${digest}`,
])("%s is a target", (text) => {
  expect(copyTarget(text, digest)).toMatchObject({ name: "registry.example/team/app" });
});

it("a target that names another image is refused", () => {
  const other = `sha256:${"2".repeat(64)}`;
  expect(() => copyTarget(`registry.example/team/app:1.0@${other}`, digest)).toThrow(
    /ARGUMENT_INVALID: the target names another image.*\n.*1111.*got sha256:2222/,
  );
});
