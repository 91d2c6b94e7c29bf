/** The real Trivy with a database of the test's own, on the engine. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readPredicate } from "../../src/predicates/definition.js";
import { definitionOf } from "../../src/predicates/known.js";
import { imageArchive } from "../support/images.js";
import { literal, startModule, type ModuleSession } from "../support/module.js";
import { databaseUpdated, writeTrivyDatabase } from "../support/trivy-database.js";
import { grypeReport, trivyReport } from "../vulnerabilities/reports.js";

const lockfile = {
  name: "app",
  version: "1.0.0",
  lockfileVersion: 3,
  packages: {
    "": { name: "app", version: "1.0.0", dependencies: { "left-pad": "1.3.0" } },
    "node_modules/left-pad": { version: "1.3.0", license: "WTFPL" },
  },
};

const debianStatus = `Package: libssl3
Status: install ok installed
Architecture: amd64
Source: openssl
Version: 3.0.15-1
Maintainer: Debian
Description: TLS

`;

type Predicate = {
  readonly scanner: {
    readonly db: Record<string, string>;
    readonly result: readonly { readonly id: string }[];
  };
  readonly attest_vex?: readonly unknown[];
};
type Statement = {
  readonly predicateType: string;
  readonly subject: readonly { readonly name: string; readonly digest: Record<string, string> }[];
  readonly predicate: Predicate;
};

describe("vulnerabilities", () => {
  let session: ModuleSession;
  let database: string;
  const inputs: Record<string, string> = {};

  const text = (name: string, content: unknown): Promise<string> =>
    session.file(name, typeof content === "string" ? content : JSON.stringify(content));

  beforeAll(async () => {
    session = await startModule();
    await writeTrivyDatabase(join(session.workdir, "cache"));
    database = await session.id("directory", join(session.workdir, "cache"));
    const archive = await imageArchive(join(session.workdir, "image.tar"), {
      "etc/os-release": 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12"\n',
      "etc/debian_version": "12.11\n",
      "var/lib/dpkg/status": debianStatus,
    });
    await mkdir(join(session.workdir, "source"));
    await mkdir(join(session.workdir, "empty"));
    inputs["file"] = await text("source/package-lock.json", lockfile);
    inputs["directory"] = await session.id("directory", join(session.workdir, "source"));
    inputs["empty"] = await session.id("directory", join(session.workdir, "empty"));
    inputs["container"] = await session.id("container", archive);
  });
  afterAll(() => session.close());

  const scan = (options: string, rest: string): Promise<unknown> =>
    session.value(`attest { vulnerabilities(${options}) ${rest} }`);
  const statementOf = async (options: string): Promise<Statement> => {
    const statement = JSON.parse(String(await scan(options, "{ asFile { contents } }"))) as Statement;
    const definition = definitionOf(statement.predicateType);
    if (definition === undefined) throw new Error(`not known: ${statement.predicateType}`);
    readPredicate(definition, Buffer.from(JSON.stringify(statement.predicate)));
    return statement;
  };
  const of = (kind: string, more = ""): string =>
    `${kind === "empty" ? "directory" : kind}: ${literal(inputs[kind])}, database: ${literal(database)}${more}`;

  it.each([
    ["container", "CVE-2099-0002", 1],
    ["directory", "CVE-2099-0001", 1],
    ["file", "CVE-2099-0001", 1],
  ])("of a %s are found by Trivy and told of it", async (kind, id, subjects) => {
    const { subject, predicate } = await statementOf(of(kind));
    expect(subject).toHaveLength(subjects);
    expect(predicate.scanner.result.map((found) => found.id)).toEqual([id]);
    expect(predicate.scanner.db).toMatchObject({
      version: "v2",
      lastUpdate: new Date(databaseUpdated).toISOString(),
    });
  });

  it("of nothing are none, and that is told as well", async () => {
    expect((await statementOf(of("empty"))).predicate.scanner.result).toEqual([]);
    expect(await scan(of("empty"), "{ summary }")).toContain(
      "directory: no vulnerability found, by trivy 0.74.0",
    );
  });

  it("are written as cosign has them, with Trivy's whole report", async () => {
    const { predicateType, predicate } = await statementOf(of("file", ", format: COSIGN"));
    expect(predicateType).toBe("https://cosign.sigstore.dev/attestation/vuln/v1");
    expect(predicate.scanner.result).toMatchObject({ SchemaVersion: 2, ArtifactType: "filesystem" });
  });

  it("that VEX answers for this very artifact are left out and listed", async () => {
    const statement = await statementOf(of("file"));
    const sha256 = statement.subject[0]?.digest["sha256"] ?? "";
    const answers = await text("vex.json", {
      "@context": "https://openvex.dev/ns/v0.2.0",
      "@id": "https://example.com/vex/1",
      author: "Ada",
      timestamp: "2026-11-24T00:00:00Z",
      version: 1,
      statements: [
        {
          vulnerability: { name: "CVE-2099-0001" },
          products: [{ "@id": `pkg:generic/lock?checksum=sha256:${sha256}` }],
          status: "not_affected",
          justification: "vulnerable_code_not_in_execute_path",
        },
      ],
    });
    const { predicate } = await statementOf(of("file", `, vex: [${literal(answers)}]`));
    expect(predicate.scanner.result).toEqual([]);
    expect(predicate.attest_vex).toMatchObject([
      { id: "CVE-2099-0001", document: "https://example.com/vex/1" },
    ]);
    expect(await scan(of("file", `, vex: [${literal(answers)}]`), "{ summary }")).toContain(
      "1 answered by VEX",
    );
  });

  it("of a report that is there already, with its artifact or before it is known", async () => {
    const grype = literal(await text("grype.json", grypeReport));
    const known = await statementOf(`report: ${grype}, file: ${literal(inputs["file"])}`);
    expect(known.subject.map(({ name }) => name)).toEqual(["package-lock.json"]);
    expect(known.predicate.scanner.result.map(({ id }) => id)).toEqual(["GHSA-jfh8-c2jp-5v3q"]);
    expect(await scan(`report: ${grype}`, "{ summary }")).toContain("no subject so far: 1 vulnerability (");
    const trivy = literal(await text("trivy.json", trivyReport));
    await expect(scan(`report: ${trivy}`, "{ predicateType }")).rejects.toThrow(/REPORT_INVALID/);
    const given = `report: ${trivy}, databaseUpdated: "2026-11-20T06:00:00Z"`;
    expect(await scan(given, "{ predicateType }")).toBe("https://in-toto.io/attestation/vulns/v0.2");
  });

  it("are refused for nothing and for two things, and without a database that is one", async () => {
    await expect(scan(`database: ${literal(database)}`, "{ summary }")).rejects.toThrow(
      /a scan is of one thing/,
    );
    await expect(
      scan(`${of("file")}, directory: ${literal(inputs["directory"])}`, "{ summary }"),
    ).rejects.toThrow(/file and directory|directory and file/);
    const empty = `file: ${literal(inputs["file"])}, database: ${literal(inputs["empty"])}`;
    await expect(scan(empty, "{ summary }")).rejects.toThrow();
  });
});
