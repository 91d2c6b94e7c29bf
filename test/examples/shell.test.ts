/** Runs the shell examples on the local engine, one after the other, in a directory as a user's would be. */
import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { filesBelow, root } from "../docs/pages.js";
import { writeTrivyDatabase } from "../support/trivy-database.js";
import { startTuf } from "../verification/tuf-double.js";
import { grypeReport } from "../vulnerabilities/reports.js";

/** A module that makes a directory, a container and a file, to be observed. */
const pipeline = `import { dag, func, object, type Container, type Directory, type File } from "@dagger.io/dagger";

@object()
export class Ci {
  /** Adds the version to what is built. */
  @func()
  build(source: Directory, version: string): Directory {
    return source.withNewFile("version", version);
  }

  /** An image. */
  @func()
  image(): Container {
    return dag.container().withNewFile("version", "1.2.0").withLabel("version", "1.2.0");
  }

  /** Notes. */
  @func()
  notes(version: string): File {
    return dag.directory().withNewFile("notes.txt", "Notes of " + version + "\\n").file("notes.txt");
  }
}
`;

const policy = `policy: https://example.com/policy
rules:
  - name: reviewed
    predicateType: https://example.com/review/v1
    cel: predicate.approved
`;

const openVexDocument = {
  "@context": "https://openvex.dev/ns/v0.2.0",
  "@id": "https://example.com/vex/1",
  author: "Ada <ada@example.com>",
  timestamp: "2026-11-24T00:00:00Z",
  version: 1,
  statements: [{ vulnerability: { name: "CVE-2021-44228" }, status: "fixed" }],
};

const policyCases = `cases:
  - name: reviewed
    artifact: app.tar.gz
    bundles: [review.sigstore.json]
    keys: [signing.pub]
    expect: pass
`;

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "attest-shell-examples-"));
  await mkdir(join(directory, "dist"));
  await writeFile(join(directory, "dist", "app.js"), "console.log('app')\n");
  await writeFile(join(directory, "app.tar.gz"), "an archive\n");
  await writeFile(join(directory, "review.json"), '{"reviewer":"someone","approved":true}\n');
  await writeFile(join(directory, "policy.yaml"), policy);
  await writeFile(join(directory, "left-pad-1.3.0.tgz"), "a package\n");
  await writeFile(join(directory, "junit.xml"), '<testsuite name="s"><testcase name="a"/></testsuite>\n');
  await writeFile(join(directory, "ci.yml"), "on: push\n");
  await writeFile(join(directory, "grype.json"), JSON.stringify(grypeReport));
  await writeFile(join(directory, "app.openvex.json"), JSON.stringify(openVexDocument));
  await writeTrivyDatabase(join(directory, "trivy-cache"));
  await mkdir(join(directory, "ci", "src"), { recursive: true });
  await writeFile(join(directory, "ci", "dagger.json"), '{"name":"ci","sdk":{"source":"typescript"}}\n');
  await writeFile(join(directory, "ci", "src", "index.ts"), pipeline);
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const encrypted = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "example" } as const;
  await writeFile(join(directory, "signing.key"), privateKey.export(encrypted));
  await writeFile(join(directory, "signing.pub"), publicKey.export({ type: "spki", format: "pem" }));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

/** What a script printed. @throws what it said when it failed */
async function runExample(name: string, more: NodeJS.ProcessEnv = {}): Promise<string> {
  const env = {
    ...process.env,
    ...more,
    ATTEST: join(root, "attest"),
    ATTEST_ENGINE: "local",
    KEY_PASSPHRASE: "example",
    BUILD: "true",
  };
  return await new Promise((resolve, reject) => {
    execFile(
      "sh",
      [join(root, "examples", "shell", name)],
      { cwd: directory, env },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`${name}: ${stderr}`));
      },
    );
  });
}

/** A TUF repository on loopback, as the examples are told of it. */
async function withInstance(use: (environment: NodeJS.ProcessEnv) => Promise<void>): Promise<void> {
  const tuf = await startTuf();
  try {
    tuf.publish({ targets: { "trusted_root.json": '{"a":"root"}' } });
    await writeFile(join(directory, "1.root.json"), tuf.root);
    await use({ INSTANCE: `--tuf-url=${tuf.url} --tuf-root=1.root.json` });
  } finally {
    await tuf.stop();
  }
}

async function predicateTypeIn(file: string): Promise<unknown> {
  const text = await readFile(join(directory, file), "utf8");
  return (JSON.parse(text) as { predicateType?: unknown }).predicateType;
}

const review = "https://example.com/review/v1";
const provenance = "https://slsa.dev/provenance/v1";

/** In this order: what one writes, the next reads. */
const run: Readonly<Record<string, () => Promise<void>>> = {
  "attest_sbom.sh": async () => {
    await runExample("attest_sbom.sh");
    expect(await predicateTypeIn("sbom.intoto.json")).toBe("https://spdx.dev/Document");
  },
  "attest_sbom_summary.sh": async () => {
    expect(await runExample("attest_sbom_summary.sh")).toContain("package");
  },
  "attest_statement.sh": async () => {
    await runExample("attest_statement.sh");
    expect(await predicateTypeIn("review.intoto.json")).toBe(review);
  },
  "attest_statement_subjects.sh": async () => {
    await runExample("attest_statement_subjects.sh");
    const statement = await readFile(join(directory, "review.intoto.json"), "utf8");
    expect(statement).toContain('"app.tar.gz"');
    expect(statement).toContain('"dist"');
  },
  "attest_load.sh": async () => {
    expect(await runExample("attest_load.sh")).toContain("app.tar.gz");
  },
  "attest_statement_sign.sh": async () => {
    await runExample("attest_statement_sign.sh");
    expect(await readFile(join(directory, "review.sigstore.json"), "utf8")).not.toContain("example");
  },
  "attest_open.sh": async () => {
    expect(await runExample("attest_open.sh")).toContain(review);
  },
  "attest_trusted_root.sh": async () => {
    await withInstance(async (instance) => {
      await runExample("attest_trusted_root.sh", instance);
      expect(await readFile(join(directory, "trusted_root.json"), "utf8")).toBe('{"a":"root"}');
    });
  },
  "attest_trusted_root_summary.sh": async () => {
    await withInstance(async (instance) => {
      expect(await runExample("attest_trusted_root_summary.sh", instance)).toContain("valid until");
    });
  },
  "attest_open_verify.sh": async () => {
    await runExample("attest_open_verify.sh");
  },
  "attest_verify.sh": async () => {
    expect(await runExample("attest_verify.sh")).toContain("signature");
  },
  "attest_verify_policy.sh": async () => {
    await runExample("attest_verify_policy.sh");
    expect(await readFile(join(directory, "verification.html"), "utf8")).toContain("<html");
    const verdict = JSON.parse(await readFile(join(directory, "verification.json"), "utf8")) as unknown;
    expect(verdict).toMatchObject({ passed: true });
  },
  "attest_policy_test.sh": async () => {
    const cases = join(directory, "policy-cases");
    await mkdir(cases);
    await writeFile(join(cases, "cases.yaml"), policyCases);
    for (const name of ["app.tar.gz", "review.sigstore.json", "signing.pub"])
      await copyFile(join(directory, name), join(cases, name));
    await runExample("attest_policy_test.sh");
  },
  "attest_provenance.sh": async () => {
    await runExample("attest_provenance.sh");
    expect(await predicateTypeIn("provenance.intoto.json")).toBe(provenance);
  },
  "attest_provenance_graph.sh": async () => {
    expect(await runExample("attest_provenance_graph.sh")).toContain("flowchart LR");
    expect(await readFile(join(directory, "provenance.html"), "utf8")).toContain("<html");
  },
  "attest_provenance_trace.sh": async () => {
    await runExample("attest_provenance_trace.sh");
    expect(await readFile(join(directory, "provenance.intoto.json"), "utf8")).toContain("host-trace");
  },
  "attest_observe.sh": async () => {
    await runExample("attest_observe.sh");
    const statement = await readFile(join(directory, "build.provenance.json"), "utf8");
    expect(statement).toContain('"entryPoint":"Ci.build"');
    expect(await readFile(join(directory, "notes.txt"), "utf8")).toBe("Notes of 1.2.0\n");
  },
  "attest_observe_container.sh": async () => {
    expect(await runExample("attest_observe_container.sh")).toMatch(/^1\.2\.0\s*app\.js\s+version\s*$/);
  },
  "attest_declare.sh": async () => {
    await runExample("attest_declare.sh");
    const statement = await readFile(join(directory, "release.provenance.json"), "utf8");
    expect(statement).toContain('"pipeline":"release"');
    expect(statement).toContain('"version":"1.2.0"');
  },
  "attest_verify_vsa.sh": async () => {
    await runExample("attest_verify_vsa.sh");
    expect(await readFile(join(directory, "vsa.sigstore.json"), "utf8")).toContain("dsseEnvelope");
  },
  "attest_test_result.sh": async () => {
    await runExample("attest_test_result.sh");
    expect(await predicateTypeIn("tests.intoto.json")).toBe(
      "https://in-toto.io/attestation/test-result/v0.1",
    );
  },
  "attest_vex.sh": async () => {
    await runExample("attest_vex.sh");
    expect(await predicateTypeIn("vex.intoto.json")).toBe("https://openvex.dev/ns");
  },
  "attest_vex_document.sh": async () => {
    await runExample("attest_vex_document.sh");
    const statement = await readFile(join(directory, "vex.intoto.json"), "utf8");
    expect(JSON.parse(statement)).toMatchObject({ predicate: openVexDocument });
  },
  "attest_release.sh": async () => {
    await runExample("attest_release.sh");
    expect(await predicateTypeIn("release.intoto.json")).toBe("https://in-toto.io/attestation/release/v0.2");
  },
  "attest_trace_url.sh": async () => {
    await runExample("attest_trace_url.sh");
    expect(await predicateTypeIn("trace.intoto.json")).toBe("https://dagger.io/evidence/trace-url/v1");
  },
  "attest_vulnerabilities_report.sh": async () => {
    await runExample("attest_vulnerabilities_report.sh");
    const statement = await readFile(join(directory, "vulnerabilities.intoto.json"), "utf8");
    expect(statement).toContain("GHSA-jfh8-c2jp-5v3q");
  },
  "attest_vulnerabilities_offline.sh": async () => {
    expect(await runExample("attest_vulnerabilities_offline.sh")).toContain("no vulnerability found");
  },
  "attest_collect.sh": async () => {
    await runExample("attest_collect.sh");
    expect((await readdir(join(directory, "bundles"))).sort()).toEqual([
      "1.sigstore.json",
      "2.sigstore.json",
    ]);
  },
  "attest_collect_files.sh": async () => {
    expect(await runExample("attest_collect_files.sh")).toContain("2.sigstore.json");
  },
  "attest_collect_summary.sh": async () => {
    expect(await runExample("attest_collect_summary.sh")).toContain("2.sigstore.json: a bundle");
  },
};

/** What only its command line is checked of here, and why. */
const notRun: Readonly<Record<string, string>> = {
  "attest_image.sh": "needs a registry",
  "attest_image_attach.sh": "needs a registry",
  "attest_image_attestations.sh": "needs a registry",
  "attest_image_bundles.sh": "needs a registry",
  "attest_image_copy.sh": "needs a registry",
  "attest_image_offline.sh": "needs a registry",
  "attest_image_sign.sh": "needs a registry",
  "attest_image_verify.sh": "needs a registry, and an identity that a workflow signed with",
  "attest_image_sbom.sh": "needs a registry",
  "attest_image_attach_sbom.sh": "needs a registry",
  "attest_image_vulnerabilities.sh": "needs a registry, and Trivy's database",
  "attest_declare_with_image.sh": "needs a registry",
  "attest_publish.sh": "needs a registry",
  "attest_publish_attestations.sh": "needs a registry",
  "attest_sbom_container.sh": "needs a registry",
  "attest_statement_images.sh": "needs a registry",
  "attest_verify_any_identity_unsafe.sh": "needs a bundle that a workflow signed with its identity",
  "attest_vulnerabilities.sh": "needs a registry, which has the image and Trivy's database",
  "attest_verify_identity.sh": "needs a bundle that a workflow signed with its identity",
};

test("every shell example is run, or said why not", async () => {
  const names = (await filesBelow("examples/shell", ".sh")).map((path) =>
    path.replace("examples/shell/", ""),
  );
  expect([...Object.keys(run), ...Object.keys(notRun)].sort()).toEqual(names);
});

describe("shell examples", () => {
  test.each(Object.entries(run))("%s", async (_, check) => {
    await check();
  });

  test.skip.each(Object.entries(notRun))("%s: %s", () => undefined);
});
