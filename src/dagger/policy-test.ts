import { readFile } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";

import { func, object, type Directory, type File } from "@dagger.io/dagger";

import { AttestError } from "../error.js";
import { readCases, type StatedCase } from "../policy/cases.js";
import { testPolicy, type PolicyCase } from "../policy/decide.js";
import { readPolicy } from "../policy/read.js";
import { readVex } from "../policy/vex.js";
import { fileSource } from "../signing/source.js";
import { parseDigests } from "../subjects/digests.js";
import { fileDigests } from "../subjects/file.js";
import { bundleInputs } from "../verification/bundle/inputs.js";
import { loadPublicKey } from "../verification/public-key.js";
import { loadTrustedRoot } from "../verification/trusted-root.js";
import { localDirectory, localFile } from "./files.js";
import { clockOf } from "./verify.js";

/** What a policy decides in cases whose outcome is known. */
@object()
export class AttestPolicyTest {
  /** Whether the policy decided every case as expected. */
  @func()
  passed: boolean;

  /** Each case: as expected, or what the policy decided instead. */
  @func()
  outcomes: string[];

  constructor(passed: boolean, outcomes: string[]) {
    this.passed = passed;
    this.outcomes = outcomes;
  }

  /** Nothing when every case came out as expected, otherwise the error POLICY_INVALID with those that did not. */
  @func({ cache: "never" })
  assert(): void {
    if (this.passed) return;
    throw new AttestError(
      "POLICY_INVALID",
      `the policy does not decide as expected\n${this.outcomes.join("\n")}`,
      {
        next: "Correct the policy, or the expectation.",
      },
    );
  }
}

/** Tries a policy on the cases in `cases.yaml` of a directory. */
export async function runPolicyTest(policy: File, cases: Directory): Promise<AttestPolicyTest> {
  const root = resolve(await localDirectory(cases));
  const stated = await readCases(await readFile(join(root, "cases.yaml"), "utf8"));
  const read = await readPolicy(await readFile(await localFile(policy), "utf8"));
  const outcomes = await testPolicy(read, await Promise.all(stated.map((each) => caseOf(each, root))));
  return new AttestPolicyTest(
    outcomes.every(({ asExpected }) => asExpected),
    outcomes.map(({ name, asExpected, difference }) => `${name}: ${asExpected ? "as expected" : difference}`),
  );
}

async function caseOf(stated: StatedCase, root: string): Promise<PolicyCase> {
  const at = (path: string): string => inside(root, path);
  const { name, passes, failingRules, identity, issuer, trustedRoot } = stated;
  const bundles = await Promise.all(
    stated.bundles.map(async (path) => bundleInputs(await fileSource(at(path)), basename(path))),
  );
  const statements = await Promise.all(
    stated.statements.map(async (path) => ({ name: basename(path), source: await fileSource(at(path)) })),
  );
  const keys = await Promise.all(
    stated.keys.map(async (path) => loadPublicKey(await readFile(at(path), "utf8"))),
  );
  const identities = identity && issuer ? [{ subject: { exact: identity }, issuer: { exact: issuer } }] : [];
  const vex = stated.vex.map(async (path) => readVex(await readFile(at(path)), path));
  return {
    name,
    passes,
    ...(failingRules ? { failingRules } : {}),
    bundles: bundles.flat(),
    statements,
    vex: await Promise.all(vex),
    request: {
      artifact: await artifactOf(stated.artifact, at),
      signers: { keys, identities },
      ...(trustedRoot
        ? { trustedRoot: await loadTrustedRoot(await readFile(at(trustedRoot), "utf8"), trustedRoot) }
        : {}),
      now: clockOf(stated.clock),
    },
  };
}

async function artifactOf(artifact: string, at: (path: string) => string) {
  const digests = /^[a-z0-9]+:[0-9a-f]{32,}$/i.test(artifact)
    ? parseDigests([artifact])
    : await fileDigests(at(artifact));
  return { name: artifact, digests };
}

/** A path of a case; it stays in the directory of the cases. */
function inside(root: string, path: string): string {
  const full = resolve(root, path);
  if (!relative(root, full).startsWith("..")) return full;
  throw new AttestError("POLICY_INVALID", "a case names a file elsewhere", {
    problems: [{ path: "", expected: "a path below the directory of cases", got: path }],
  });
}
