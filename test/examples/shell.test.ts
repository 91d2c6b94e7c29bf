/** Runs the shell examples on the local engine, one after the other, in a directory as a user's would be. */
import { execFile } from "node:child_process";
import { createHash, generateKeyPairSync } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { attachInLayout } from "../../src/oci/attach/layouts.js";
import { openRegistry } from "../../src/oci/registry/open.js";
import { systemTiming } from "../../src/oci/timing.js";
import { keySigner } from "../../src/signing/key-signer.js";
import { keylessSigning } from "../../src/signing/services.js";
import { signStatement } from "../../src/signing/sign.js";

import { filesBelow, root } from "../docs/pages.js";
import { statementText } from "../support/bundles.js";
import { pushRealImage } from "../support/registry-images.js";
import { installedTools, startDistribution, type RunningRegistry } from "../support/registry.js";
import { writeTrivyDatabase } from "../support/trivy-database.js";
import { identityToken, servicesClock, startSigstore } from "../signing/sigstore-double.js";
import { startTuf } from "../verification/tuf-double.js";
import { grypeReport } from "../vulnerabilities/reports.js";
import { withOption } from "./extra-option.js";

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

const registryProgram = installedTools().get("docker-registry");
const timing = systemTiming();

let directory: string;
let registry: RunningRegistry | undefined;
/** Signs as the examples do, with the key that they name. */
let sign: (statement: string) => Promise<Buffer>;

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
  sign = (statement) => signStatement(Buffer.from(statement), { signer: keySigner(privateKey) });
  if (registryProgram === undefined) return;
  registry = await startDistribution(registryProgram);
  await pushRealImage(await repository("team/base"), "1.2");
});

afterAll(async () => {
  await registry?.stop();
  await rm(directory, { recursive: true });
});

function repository(name: string) {
  return openRegistry({ registry: registry?.address ?? "", repository: name }, { timing });
}

async function textOf(file: string): Promise<string> {
  return readFile(join(directory, file), "utf8");
}

/** What a script printed. @throws what it said when it failed */
async function runExample(name: string, given: NodeJS.ProcessEnv = {}): Promise<string> {
  const at = registry?.address ?? "";
  const env = {
    ...process.env,

    ATTEST: join(root, "attest"),
    ATTEST_ENGINE: "local",
    KEY_PASSPHRASE: "example",
    BUILD: "true",
    CONTAINER: `${at}/team/base:1.2`,
    IMAGE: `${at}/team/app:1.2`,
    TO: `${at}/production/app:1.2`,
    APART: `${at}/team/attestations`,
    ...given,
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
    tuf.publish({
      targets: { "trusted_root.json": '{"a":"root"}', "signing_config.v0.2.json": '{"a":"config"}' },
    });
    await writeFile(join(directory, "1.root.json"), tuf.root);
    await use({ INSTANCE: `--tuf-url=${tuf.url} --tuf-root=1.root.json` });
  } finally {
    await tuf.stop();
  }
}

/** Signs a statement about a digest as the release workflow that the examples name, and says what they verify it with. */
async function signAsWorkflow(digest: string): Promise<{ bundle: Buffer; ATTEST: string }> {
  const sigstore = await startSigstore(servicesClock());
  try {
    const token = identityToken({
      iss: "https://token.actions.githubusercontent.com",
      sub: "https://github.com/team/app/.github/workflows/release.yml@refs/tags/v1.2.0",
    });
    const predicate = {
      buildDefinition: { buildType: "https://example.com/build", externalParameters: {} },
      runDetails: { builder: { id: "https://example.com/builder" } },
    };
    const bundle = await signStatement(
      Buffer.from(statementText([digest], provenance, predicate)),
      keylessSigning(sigstore.services, token),
    );
    await writeFile(join(directory, "trusted_root.json"), sigstore.trustedRoot);
    const verbs = ["verify", "verify-any-identity-unsafe"];
    return { bundle, ATTEST: await withOption(directory, verbs, "--trusted-root=trusted_root.json") };
  } finally {
    await sigstore.stop();
  }
}

/** The same for app.tar.gz, in the file that the examples verify. */
async function signArchiveAsWorkflow(): Promise<{ ATTEST: string }> {
  const digest = createHash("sha256")
    .update(await readFile(join(directory, "app.tar.gz")))
    .digest("hex");
  const { bundle, ATTEST } = await signAsWorkflow(`sha256:${digest}`);
  await writeFile(join(directory, "provenance.sigstore.json"), bundle);
  return { ATTEST };
}

/** With the database at hand in place of Trivy's own, which comes from a container registry alone. */
async function withDatabase(): Promise<{ ATTEST: string }> {
  return { ATTEST: await withOption(directory, ["vulnerabilities"], "--database=trivy-cache") };
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
  "attest_trusted_root_signing_config.sh": async () => {
    await withInstance(async (instance) => {
      await runExample("attest_trusted_root_signing_config.sh", instance);
      expect(await textOf("signing_config.json")).toBe('{"a":"config"}');
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
  "attest_verify_sarif.sh": async () => {
    await runExample("attest_verify_sarif.sh");
    expect(await readFile(join(directory, "verification.sarif"), "utf8")).toContain('"results": []');
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
  "attest_verify_identity.sh": async () => {
    const told = await runExample("attest_verify_identity.sh", await signArchiveAsWorkflow());
    // What was not checked, and no failure.
    expect(told).toMatch(/^predicate-type: Any was taken; it is [^\n]+\n$/);
  },
  "attest_verify_any_identity_unsafe.sh": async () => {
    const shown = await runExample("attest_verify_any_identity_unsafe.sh", await signArchiveAsWorkflow());
    expect(shown).toContain("by whom was not checked");
    expect(shown).toContain("team/app/.github/workflows/release.yml&#64;refs/tags/v1.2.0");
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

const spdx = "https://spdx.dev/Document";
const scan = "https://in-toto.io/attestation/vulns/v0.2";

/** In this order: what is published first is looked at, signed and copied by the others. */
const runAtRegistry: Readonly<Record<string, () => Promise<void>>> = {
  "attest_publish.sh": async () => {
    expect(await runExample("attest_publish.sh")).toContain("2 signed; read back and verified");
  },
  "attest_publish_attestations.sh": async () => {
    const image = `${registry?.address ?? ""}/team/other:1.2`;
    const printed = await runExample("attest_publish_attestations.sh", { IMAGE: image });
    for (const type of [spdx, provenance]) expect(printed).toContain(type);
    expect(await predicateTypeIn("provenance.intoto.json")).toBe(provenance);
    expect(await textOf("provenance.intoto.json")).toContain(image.replace(":1.2", ""));
  },
  "attest_image.sh": async () => {
    const tree = await runExample("attest_image.sh");
    for (const type of [spdx, provenance]) expect(tree).toContain(type);
  },
  "attest_image_attestations.sh": async () => {
    expect(await runExample("attest_image_attestations.sh")).toContain('"spdxVersion":"SPDX-2.3"');
  },
  "attest_image_bundles.sh": async () => {
    expect(await runExample("attest_image_bundles.sh")).toContain("dsseEnvelope");
  },
  "attest_image_attach.sh": async () => {
    const image = await (await repository("team/app")).resolve("1.2");
    for (const [name, type] of [
      ["review", review],
      ["sbom", spdx],
    ] as const)
      await writeFile(
        join(directory, `${name}.sigstore.json`),
        await sign(statementText([image?.digest ?? ""], type, { name })),
      );
    expect(await runExample("attest_image_attach.sh")).toContain(image?.digest);
    expect(await runExample("attest_image.sh")).toContain(review);
  },
  "attest_image_apart.sh": async () => {
    const TO = `${registry?.address ?? ""}/production/apart:1.2`;
    expect(await runExample("attest_image_apart.sh", { TO })).toMatch(/copied: .* attached to it/);
  },
  "attest_image_copy.sh": async () => {
    expect(await runExample("attest_image_copy.sh")).toContain("/production/app@sha256:");
    const copied = { IMAGE: `${registry?.address ?? ""}/production/app:1.2` };
    expect(await runExample("attest_image.sh", copied)).toContain(review);
  },
  "attest_image_offline.sh": async () => {
    await runExample("attest_image_offline.sh");
    expect(await readdir(join(directory, "app-layout"))).toContain("oci-layout");
  },
  "attest_image_sign.sh": async () => {
    const store = await repository("team/built");
    const { digest } = await pushRealImage(store, "1.2");
    await writeFile(join(directory, "built.intoto.json"), statementText([digest], provenance, { ok: true }));
    const options = { created: "2026-11-26T00:00:00Z", timing, tag: "1.2" };
    await attachInLayout(store, "1.2", [join(directory, "built.intoto.json")], "buildkit-artifact", options);
    const signed = await runExample("attest_image_sign.sh", {
      IMAGE: `${registry?.address ?? ""}/team/built:1.2`,
    });
    expect(signed).toContain("statement, not signed");
    expect(signed).toContain("bundle, signed");
  },
  "attest_declare_with_image.sh": async () => {
    const image = `${registry?.address ?? ""}/team/base:1.2`;
    expect(await runExample("attest_declare_with_image.sh", { IMAGE: image })).toContain("declared");
  },
  "attest_image_sbom.sh": async () => {
    await runExample("attest_image_sbom.sh");
    const image = await (await repository("team/app")).resolve("1.2");
    expect(await textOf("sbom.intoto.json")).toContain(image?.digest.replace("sha256:", ""));
  },
  "attest_image_attach_sbom.sh": async () => {
    const image = `${registry?.address ?? ""}/team/built:1.2`;
    expect(await runExample("attest_image_attach_sbom.sh", { IMAGE: image })).toContain(spdx);
  },
  "attest_image_verify.sh": async () => {
    const store = await repository("team/released");
    const { digest } = await pushRealImage(store, "1.2");
    const { bundle, ATTEST } = await signAsWorkflow(digest);
    await writeFile(join(directory, "released.sigstore.json"), bundle);
    const options = { created: "2026-11-26T00:00:00Z", timing, tag: "1.2" };
    await attachInLayout(store, "1.2", [join(directory, "released.sigstore.json")], "referrer", options);
    const IMAGE = `${registry?.address ?? ""}/team/released:1.2`;
    await runExample("attest_image_verify.sh", { ATTEST, IMAGE });
    const other = { ATTEST, IMAGE, IDENTITY: "https://github.com/team/fork" };
    await expect(runExample("attest_image_verify.sh", other)).rejects.toThrow("VERIFICATION_FAILED");
  },
  "attest_vulnerabilities.sh": async () => {
    const given = { ...(await withDatabase()), IMAGE: `${registry?.address ?? ""}/team/base:1.2` };
    await runExample("attest_vulnerabilities.sh", given);
    expect(await predicateTypeIn("vulnerabilities.intoto.json")).toBe(scan);
  },
  "attest_image_vulnerabilities.sh": async () => {
    expect(await runExample("attest_image_vulnerabilities.sh", await withDatabase())).toContain(scan);
  },
  "attest_sbom_container.sh": async () => {
    await runExample("attest_sbom_container.sh");
    expect(await predicateTypeIn("sbom.cdx.intoto.json")).toBe("https://cyclonedx.org/bom");
  },
  "attest_statement_images.sh": async () => {
    await runExample("attest_statement_images.sh");
    const image = await (await repository("team/app")).resolve("1.2");
    expect(await textOf("container.intoto.json")).toContain(image?.digest.replace("sha256:", ""));
    expect(await textOf("image.intoto.json")).toContain("registry.example/team/app");
  },
};

test("every shell example is run", async () => {
  const names = (await filesBelow("examples/shell", ".sh")).map((path) =>
    path.replace("examples/shell/", ""),
  );
  const examples = [run, runAtRegistry].flatMap(Object.keys);
  expect(examples.sort()).toEqual(names);
});

describe("shell examples", () => {
  test.each(Object.entries(run))("%s", async (_, check) => {
    await check();
  });

  describe.skipIf(registryProgram === undefined)(
    "at a registry (docker-registry, where it can be had)",
    () => {
      test.each(Object.entries(runAtRegistry))("%s", async (_, check) => {
        await check();
      });
    },
  );
});
