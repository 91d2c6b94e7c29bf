import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { imageArchive } from "../support/images.js";
import { literal, startModule, type ModuleSession } from "../support/module.js";

const debianStatus = `Package: base-files
Status: install ok installed
Architecture: amd64
Version: 12.4+deb12u11
Maintainer: Nobody <nobody@example.com>
Description: files

Package: zlib1g
Status: install ok installed
Architecture: amd64
Version: 1:1.2.13.dfsg-1
Maintainer: Nobody <nobody@example.com>
Description: compression
`;

const lockfile = {
  name: "app",
  version: "1.0.0",
  lockfileVersion: 3,
  packages: {
    "": { name: "app", version: "1.0.0", dependencies: { "left-pad": "1.3.0" } },
    "node_modules/left-pad": { version: "1.3.0", license: "WTFPL" },
  },
};

type Statement = {
  subject: { name: string; digest: Record<string, string> }[];
  predicateType: string;
  predicate: { packages?: Named[]; components?: Named[] };
};
type Named = { name: string; version?: string; versionInfo?: string };

describe("sbom", () => {
  let session: ModuleSession;
  const inputs: Record<string, string> = {};

  beforeAll(async () => {
    session = await startModule();
    const archive = await imageArchive(join(session.workdir, "image.tar"), {
      "etc/os-release": 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12"\n',
      "etc/debian_version": "12.11\n",
      "var/lib/dpkg/status": debianStatus,
    });
    const source = join(session.workdir, "source");
    await mkdir(source);
    await writeFile(join(source, "package-lock.json"), JSON.stringify(lockfile));
    await mkdir(join(session.workdir, "empty"));
    inputs["container"] = await session.id("container", archive);
    inputs["directory"] = await session.id("directory", source);
    inputs["file"] = await session.id("file", join(source, "package-lock.json"));
    inputs["empty"] = await session.id("directory", join(session.workdir, "empty"));
  });
  afterAll(() => session.close());

  const sbom = (kind: string, rest: string): string =>
    `attest { sbom(${kind}: ${literal(inputs[kind])}${rest} }`;
  const statementOf = async (kind: string, options: string): Promise<Statement> =>
    JSON.parse(String(await session.value(sbom(kind, `${options}) { asFile { contents } }`)))) as Statement;
  const found = ({ predicate }: Statement): string[] =>
    (predicate.packages ?? predicate.components ?? []).map(
      ({ name, version, versionInfo }) => `${name}@${version ?? versionInfo ?? ""}`,
    );

  const combinations = ["SYFT", "TRIVY"].flatMap((scanner) =>
    ["SPDX_JSON", "CYCLONEDX_JSON"].map((format) => ({ scanner, format })),
  );

  it.each(combinations)("finds the packages of an image: $scanner, $format", async ({ scanner, format }) => {
    const statement = await statementOf("container", `, scanner: ${scanner}, format: ${format}`);
    expect(found(statement)).toEqual(
      expect.arrayContaining([
        "base-files@12.4+deb12u11",
        expect.stringMatching(/^zlib1g@(1:)?1\.2\.13\.dfsg-1$/),
      ]),
    );
    expect(statement.predicateType).toBe(
      format === "SPDX_JSON" ? "https://spdx.dev/Document" : "https://cyclonedx.org/bom",
    );
    expect(statement.subject).toEqual([
      { name: "container", digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string } },
    ]);
  });

  it.each(combinations)(
    "finds the packages of a directory: $scanner, $format",
    async ({ scanner, format }) => {
      const statement = await statementOf(
        "directory",
        `, name: "app", scanner: ${scanner}, format: ${format}`,
      );
      expect(found(statement)).toContain("left-pad@1.3.0");
      expect(statement.subject.map(({ name }) => name)).toEqual(["app"]);
    },
  );

  it.each(["SYFT", "TRIVY"])("finds the packages of a lockfile: %s", async (scanner) => {
    const statement = await statementOf("file", `, scanner: ${scanner}`);
    expect(found(statement)).toContain("left-pad@1.3.0");
    const sha256 = createHash("sha256").update(JSON.stringify(lockfile)).digest("hex");
    expect(statement.subject).toMatchObject([{ name: "package-lock.json", digest: { sha256 } }]);
  });

  it("warns of an SBOM without packages", async () => {
    const chain = `attest { sbom(directory: ${literal(inputs["empty"])}) { summary } }`;
    expect(await session.value(chain)).toMatch(/no packages/i);
  });

  it.each([
    ["nothing", "", "none of them"],
    ["two things", "both", "container and directory"],
  ])("refuses %s to look into", async (_case, kind, got) => {
    const both = `(container: ${literal(inputs["container"])}, directory: ${literal(inputs["directory"])})`;
    const asked = session.value(`attest { sbom${kind === "" ? "" : both} { summary } }`);
    await expect(asked).rejects.toThrow(new RegExp(`ARGUMENT_INVALID[^]*exactly one[^]*${got}`));
  });

  it("says what the scanner said when it fails", async () => {
    // An image whose "scanner" is another program: Trivy does not know Syft's arguments.
    const trivy = await session.value("attest { trivyImage }");
    const asked = session.value(
      `attest(syftImage: ${literal(trivy)}) { sbom(directory: ${literal(inputs["directory"])}) { summary } }`,
    );
    await expect(asked).rejects.toThrow(/syft|SCANNER_FAILED/);
  });
});
