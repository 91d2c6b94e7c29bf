/**
 * Checks of attest on a real engine, as another module uses it: `dagger call -m test/module all`, or `dagger check`.
 *
 * What the project's own tests can't see is here: that the engine loads the module, that objects keep their
 * state from call to call, and that files and secrets cross from one module to another.
 */
import { generateKeyPairSync, randomUUID } from "node:crypto";

import {
  AttestVexStatus,
  check,
  dag,
  func,
  object,
  type Directory,
  type File,
  type Secret,
} from "@dagger.io/dagger";

const review = "https://example.com/review/v1";

type KeyPair = { key: Secret; publicKey: File };

@object()
export class Tests {
  /** The image that Syft runs from; "" for the one that attest pins. */
  @func()
  syftImage: string;

  /**
   * @param syftImage The image that Syft runs from, as in a mirror; attest's own pin where there is none
   */
  constructor(syftImage: string = "") {
    this.syftImage = syftImage;
  }

  /** Runs every check, one after the other. */
  @func({ cache: "never" })
  async all(): Promise<void> {
    await this.sbomOfDirectory();
    await this.sbomOfContainer();
    await this.statementRoundTrip();
    await this.subjectsOfEveryKind();
    await this.signThenVerify();
    await this.otherKeyIsRefused();
    await this.otherFileIsRefused();
    await this.policyDecides();
    await this.verdictIsSigned();
    await this.provenanceNamesItsSubject();
    await this.predicatesOfEveryKind();
    await this.reportsAreConverted();
    await this.objectsAreCollected();
  }

  /** An SBOM of a directory names the directory as its subject. */
  @func({ cache: "never" })
  @check()
  async sbomOfDirectory(): Promise<void> {
    const sbom = this.attest().sbom({ directory: source(), name: "source" });
    equal(await sbom.predicateType(), "https://spdx.dev/Document");
    contains(await sbom.asFile().contents(), '"name":"source"');
  }

  /** An SBOM of a container finds its packages. */
  @func({ cache: "never" })
  @check()
  async sbomOfContainer(): Promise<void> {
    const container = dag
      .container()
      .from("alpine:3.22")
      .withNewFile(`${leftPad}/package.json`, leftPadPackage);
    const sbom = this.attest().sbom({ container });
    contains(await sbom.predicate().contents(), "pkg:npm/left-pad@1.3.0");
  }

  /** What is written is read back, and a chain keeps its state. */
  @func({ cache: "never" })
  @check()
  async statementRoundTrip(): Promise<void> {
    const written = reviewed().asFile();
    const [subject] = await dag.attest().load(written).subjects();
    if (subject === undefined) throw new Error("a subject expected, got none");
    equal(await subject.name(), "app.txt");
  }

  /** Files, directories, containers and digests are subjects side by side. */
  @func({ cache: "never" })
  @check()
  async subjectsOfEveryKind(): Promise<void> {
    const attestation = reviewed()
      .withSubjectDirectory(source(), { name: "source" })
      .withSubjectContainer(dag.container().from("alpine:3.22"))
      .withSubject("release", [`sha256:${"0".repeat(64)}`]);
    equal((await attestation.subjects()).length, 4);
  }

  /** A bundle crosses between calls as a file, and verifies. */
  @func({ cache: "never" })
  @check()
  async signThenVerify(): Promise<void> {
    const { key, publicKey } = keyPair();
    const bundle = reviewed().sign({ key }).asFile();
    await dag
      .attest()
      .verify([bundle], { file: app(), keys: [publicKey], predicateType: review })
      .assert();
  }

  /** Another key's signature is a verdict that fails, and `assert` an error. */
  @func({ cache: "never" })
  @check()
  async otherKeyIsRefused(): Promise<void> {
    const bundle = reviewed().sign({ key: keyPair().key }).asFile();
    const verdict = dag.attest().verify([bundle], { file: app(), keys: [keyPair().publicKey] });
    equal(await verdict.passed(), false);
    await fails(() => verdict.assert(), "VERIFICATION_FAILED");
  }

  /** Another file than the one that was signed for does not verify. */
  @func({ cache: "never" })
  @check()
  async otherFileIsRefused(): Promise<void> {
    const { key, publicKey } = keyPair();
    const bundle = reviewed().sign({ key }).asFile();
    const verdict = dag.attest().verify([bundle], { file: dag.file("app.txt", "other"), keys: [publicKey] });
    equal(await verdict.passed(), false);
  }

  /** A policy file decides over what the predicate says. */
  @func({ cache: "never" })
  @check()
  async policyDecides(): Promise<void> {
    const { key, publicKey } = keyPair();
    const bundle = reviewed().sign({ key }).asFile();
    const verdict = (cel: string) =>
      dag.attest().verify([bundle], { file: app(), keys: [publicKey], policy: policy(cel) });
    equal(await verdict("predicate.approved").passed(), true);
    equal(await verdict("!predicate.approved").passed(), false);
  }

  /** The outcome of a verification is an attestation of its own. */
  @func({ cache: "never" })
  @check()
  async verdictIsSigned(): Promise<void> {
    const { key, publicKey } = keyPair();
    const bundle = reviewed().sign({ key }).asFile();
    const summary = dag
      .attest()
      .verify([bundle], { file: app(), keys: [publicKey] })
      .vsa("https://example.com/verifier", "https://example.com/app", ["SLSA_BUILD_LEVEL_1"], {
        policyUri: "https://example.com/policy",
      });
    equal(await summary.predicateType(), "https://slsa.dev/verification_summary/v1");
  }

  /** Provenance of a value at hand has the value as its subject. */
  @func({ cache: "never" })
  @check()
  async provenanceNamesItsSubject(): Promise<void> {
    const provenance = dag.attest().provenance({ file: app() });
    equal(await provenance.predicateType(), "https://slsa.dev/provenance/v1");
    contains(await provenance.asFile().contents(), '"name":"app.txt"');
  }

  /** Tests, VEX, releases and traces become predicates of their types. */
  @func({ cache: "never" })
  @check()
  async predicatesOfEveryKind(): Promise<void> {
    const junit = dag.file("junit.xml", '<testsuite name="s"><testcase name="a"/></testsuite>');
    equal(
      await dag.attest().testResult([junit]).predicateType(),
      "https://in-toto.io/attestation/test-result/v0.1",
    );
    const vex = dag.attest().vex({
      vulnerabilities: ["CVE-2099-0001"],
      status: AttestVexStatus.Fixed,
      author: "attest",
      created: "2026-11-24T00:00:00Z",
    });
    contains(await vex.predicate().contents(), '"status": "fixed"');
    contains(await dag.attest().release("pkg:npm/left-pad@1.3.0").summary(), "left-pad");
    const trace = dag.attest().traceUrl({ url: "https://dagger.cloud/traces/abcd1234" });
    contains(await trace.predicate().contents(), "abcd1234");
  }

  /** A report that a scanner wrote becomes a predicate about what was scanned. */
  @func({ cache: "never" })
  @check()
  async reportsAreConverted(): Promise<void> {
    const report = dag.file("grype.json", JSON.stringify(grypeReport));
    const scan = dag.attest().vulnerabilities({ report, file: app() });
    contains(await scan.predicate().contents(), "CVE-2099-0001");
  }

  /** Objects with `asFile` are collected, whichever type they have; files are too. */
  @func({ cache: "never" })
  @check()
  async objectsAreCollected(): Promise<void> {
    const { key, publicKey } = keyPair();
    const bundle = reviewed().sign({ key });
    const collected = dag.attest().collect({
      attestations: [reviewed(), bundle],
      files: [reviewed().asFile()],
    });
    contains(await collected.summary(), "3.intoto.json: https://example.com/review/v1, not signed");
    const files = await collected.sign({ key }).files();
    equal(files.length, 3);
    await dag
      .attest()
      .verify(files, { file: app(), keys: [publicKey], all: true })
      .assert();
  }

  private attest() {
    return dag.attest(this.syftImage ? { syftImage: this.syftImage } : {});
  }
}

const leftPad = "/app/node_modules/left-pad";
const leftPadPackage = JSON.stringify({ name: "left-pad", version: "1.3.0", license: "MIT" });

const grypeReport = {
  matches: [
    {
      vulnerability: { id: "CVE-2099-0001", severity: "High", namespace: "nvd:cpe" },
      artifact: { name: "left-pad", version: "1.3.0" },
    },
  ],
  descriptor: {
    name: "grype",
    version: "0.104.0",
    db: { built: "2026-11-20T00:00:00Z" },
    timestamp: "2026-11-21T00:00:00Z",
  },
};

function source(): Directory {
  return dag.directory().withNewFile("package.json", '{"name":"demo","version":"1.0.0"}\n');
}

function app(): File {
  return dag.file("app.txt", "an application\n");
}

function reviewed() {
  return dag
    .attest()
    .statement(review, dag.file("review.json", '{"approved":true}\n'))
    .withSubjectFile(app());
}

function policy(cel: string): File {
  const rule = { name: "approved", predicateType: review, cel };
  return dag.file("policy.json", JSON.stringify({ policy: "https://example.com/policy", rules: [rule] }));
}

function keyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return {
    key: dag.setSecret(`attest-tests-${randomUUID()}`, pem),
    publicKey: dag.file("key.pub", publicKey.export({ type: "spki", format: "pem" }).toString()),
  };
}

function equal<T>(got: T, expected: T): void {
  if (got !== expected) throw new Error(`${String(expected)} expected, got ${String(got)}`);
}

function contains(text: string, part: string): void {
  if (!text.includes(part)) throw new Error(`${part} expected in ${text.slice(0, 500)}`);
}

async function fails(action: () => Promise<unknown>, code: string): Promise<void> {
  const message = await action().then(
    () => "no error",
    (error: unknown) => String(error),
  );
  contains(message, code);
}
