/** Dockerfiles that nobody would write: what is read of them is whole, and betrays nothing. */
import { describe, expect, it } from "vitest";

import { mergeEvidence } from "../../../src/provenance/merge/merge.js";
import { provenancePredicate } from "../../../src/provenance/slsa/predicate.js";
import fc from "../../support/property.js";
import { buildArgs, buildDigest, evidenceOf, sourceDigest } from "./builds.js";

const word = fc.constantFrom(
  ...[
    "alpine",
    "base",
    "0",
    "1",
    "scratch",
    "$HANDED",
    "${A:-b}",
    "${HANDED#p}",
    "${",
    "'",
    '"',
    "\\",
    "`",
    "--from=base",
  ],
  ...[
    "AS",
    "as",
    "<<EOF",
    "<<-E",
    "EOF",
    "https://e.test/$HANDED",
    "git@e.test:o/r.git",
    "[",
    '["a"]',
    "A=1",
    "=",
    "#",
  ],
  ...[
    "--mount=type=secret,id=$HANDED",
    "--mount=from=base",
    "--mount=type=cache,target=/c",
    "--platform=$TARGETPLATFORM",
  ],
);
const keyword = fc.constantFrom(
  ...[
    "FROM",
    "from",
    "RUN",
    "COPY",
    "ADD",
    "ARG",
    "ENV",
    "WORKDIR",
    "SHELL",
    "ONBUILD",
    "LABEL",
    "CMD",
    "USER",
    "HEALTHCHECK",
  ],
);
const line = fc
  .tuple(
    keyword,
    fc.array(word, { maxLength: 5 }),
    fc.constantFrom("\n", "\r\n", " \\\n", "\n\n", "\nEOF\n", "\n# c\n"),
  )
  .map(([first, words, end]) => `${[first, ...words].join(" ")}${end}`);
const file = fc
  .tuple(
    fc.constantFrom("", "# escape=`\n", "# syntax=a/b\n", "ARG HANDED\n"),
    fc.array(line, { maxLength: 20 }),
  )
  .map(([head, lines]) => `${head}FROM alpine AS base\nARG HANDED\n${lines.join("")}`);

describe("any Dockerfile", () => {
  it("gives steps that come after their inputs, or a reason, and no value that was handed to it", async () => {
    await fc.assert(
      fc.asyncProperty(file, fc.constantFrom("", "base", "0", "none"), async (text, target) => {
        const evidence = await evidenceOf([text], {
          target,
          buildArgs: buildArgs({ HANDED: "handed-canary", API_TOKEN: "canary" }),
        });
        const seen = new Set<string>();
        for (const { digest, inputs } of evidence.steps) {
          for (const input of inputs) expect(seen).toContain(input);
          expect(seen).not.toContain(digest);
          seen.add(digest);
        }
        expect(evidence.steps.at(-1)).toMatchObject({ digest: buildDigest, kind: "opaque" });
        expect(evidence.steps.at(-1)?.inputs[0]).toBe(sourceDigest);
        expect(evidence.gaps.map(({ code }) => code)).toContain("opaque-step");
        const { runDetails, buildDefinition } = provenancePredicate(mergeEvidence([evidence]), {
          mode: "MAX",
        });
        expect(runDetails.metadata.dagger_completeness.materials).not.toBe("complete");
        // The name of an image is public, whoever handed it over.
        const shown = buildDefinition.resolvedDependencies.filter(
          ({ annotations }) => annotations?.["kind"] !== "image",
        );
        const steps = evidence.steps.filter(({ operation }) => operation !== "Dockerfile.FROM");
        expect(JSON.stringify([shown, steps, evidence.secrets, evidence.caches])).not.toContain("canary");
      }),
    );
  });
});
