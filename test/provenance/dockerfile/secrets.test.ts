/** What of a Dockerfile must not be repeated, and what may be. */
import { expect, it } from "vitest";

import { parseDockerfile } from "../../../src/provenance/dockerfile/parse.js";
import { secretsInDockerfile } from "../../../src/provenance/dockerfile/secrets.js";

it("takes names of images before the first FROM for no secrets, unless they are called so", async () => {
  const text = [
    "ARG BASE=node:24-alpine NPM_TOKEN=first1secret",
    "FROM ${BASE}",
    "ARG BASE=second2secret",
    "ENV MODE=production",
    "LABEL note=third3secret",
  ].join("\n");
  const parsed = await parseDockerfile(text);
  expect(secretsInDockerfile(parsed)).toEqual(["first1secret", "second2secret", "third3secret"]);
});
