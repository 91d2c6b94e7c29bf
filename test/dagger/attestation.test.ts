import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { fileDigests } from "../../src/subjects/file.js";
import { directoryDigests } from "../../src/subjects/directory.js";
import { imageSubjects } from "../../src/subjects/image.js";
import { imageArchive } from "../support/images.js";
import { literal, startModule, type ModuleSession } from "../support/module.js";

const predicateType = "https://example.com/review/v1";
const hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

describe("an attestation of one's own predicate", () => {
  let session: ModuleSession;
  let statement: string;

  beforeAll(async () => {
    session = await startModule();
    await writeFile(join(session.workdir, "predicate.json"), '{ "reviewer": "Ada",\n  "ok": true }\n');
    await writeFile(join(session.workdir, "app.bin"), "the app");
    await mkdir(join(session.workdir, "source", "lib"), { recursive: true });
    await writeFile(join(session.workdir, "source", "lib", "main.c"), "int main(void) { return 0; }\n");
    const predicate = await session.id("file", join(session.workdir, "predicate.json"));
    statement = `attest { statement(predicateType: ${literal(predicateType)}, predicate: ${literal(predicate)})`;
  });
  afterAll(() => session.close());

  const chained = (chain: string): string =>
    `${statement} ${chain} ${"}".repeat(1 + chain.split("{").length - chain.split("}").length)}`;
  const parsed = async (chain: string): Promise<Record<string, unknown>> =>
    JSON.parse(String(await session.value(chained(chain)))) as Record<string, unknown>;

  it("is a Statement v1 around the predicate's own bytes", async () => {
    const text = await session.value(
      chained(`{ withSubject(name: "app", digests: ["sha256:${hex}"]) { asFile { contents } }`),
    );
    expect(text).toBe(
      `{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"app","digest":{"sha256":"${hex}"}}],` +
        `"predicateType":"${predicateType}","predicate":{ "reviewer": "Ada",\n  "ok": true }}`,
    );
  });

  it("takes files, directories, containers and image references as subjects, digested over their bytes", async () => {
    const archive = await imageArchive(join(session.workdir, "image.tar"), { "etc/motd": "hello\n" });
    const [file, directory, container] = await Promise.all([
      session.id("file", join(session.workdir, "app.bin")),
      session.id("directory", join(session.workdir, "source")),
      session.id("container", archive),
    ]);
    const { subject } = await parsed(
      `{ withSubjectFile(file: ${literal(file)}) { withSubjectDirectory(directory: ${literal(directory)}, name: "source") {
         withSubjectContainer(container: ${literal(container)}, name: "registry.example/app") {
         withSubjectImage(reference: "alpine:3.22@sha256:${hex}") { asFile { contents } } } }`,
    );
    await session.value(
      `node(id: ${literal(container)}) { ... on Container { asTarball { export(path: "built.tar") } } }`,
    );
    const image = await imageSubjects(join(session.workdir, "built.tar"), "registry.example/app");
    const { omitted, ...tree } = await directoryDigests(join(session.workdir, "source"));
    expect(omitted).toEqual([]);
    expect(subject).toEqual([
      { name: "app.bin", digest: await fileDigests(join(session.workdir, "app.bin")) },
      { name: "source", digest: tree },
      ...image.subjects,
      { name: "docker.io/library/alpine", digest: { sha256: hex } },
    ]);
  });

  it("gives the predicate and the subjects apart", async () => {
    const chain = chained(
      `{ withSubject(name: "app", digests: ["sha256:${hex}"]) { predicateType predicate { contents } subjects { name digests } }`,
    );
    expect(await session.query(`{ ${chain} }`)).toMatchObject({
      attest: {
        statement: {
          withSubject: {
            predicateType,
            predicate: { contents: '{ "reviewer": "Ada",\n  "ok": true }\n' },
            subjects: [{ name: "app", digests: [`sha256:${hex}`] }],
          },
        },
      },
    });
  });

  it("reads its own statement back", async () => {
    const written = await session.value(
      chained(`{ withSubject(name: "app", digests: ["sha256:${hex}"]) { asFile { contents } }`),
    );
    const path = join(session.workdir, "written.json");
    await writeFile(path, String(written));
    const file = await session.id("file", path);
    expect(await session.value(`attest { load(file: ${literal(file)}) { asFile { contents } } }`)).toBe(
      written,
    );
  });

  it("reads a v0.1 statement and writes it as v1", async () => {
    const path = join(session.workdir, "old.json");
    const old = {
      _type: "https://in-toto.io/Statement/v0.1",
      predicateType,
      subject: [{ name: "app", digest: { sha256: hex } }],
      predicate: { old: true },
    };
    await writeFile(path, JSON.stringify(old));
    const file = await session.id("file", path);
    const text = await session.value(`attest { load(file: ${literal(file)}) { asFile { contents } } }`);
    expect(JSON.parse(String(text))).toEqual({ ...old, _type: "https://in-toto.io/Statement/v1" });
  });

  it.each([
    ["no subject", `{ asFile { contents }`, /STATEMENT_INVALID[^]*subject/],
    [
      "a short digest",
      `{ withSubject(name: "a", digests: ["sha256:beef"]) { summary }`,
      /REFERENCE_INVALID[^]*64/,
    ],
    [
      "a tag alone",
      `{ withSubjectImage(reference: "alpine:3.22") { summary }`,
      /REFERENCE_INVALID[^]*digest/,
    ],
  ])("refuses %s", async (_case, chain, message) => {
    await expect(session.value(chained(chain))).rejects.toThrow(message);
  });

  it("refuses a statement file that is none, naming every problem", async () => {
    const path = join(session.workdir, "bad.json");
    await writeFile(
      path,
      JSON.stringify({ _type: "nonsense", subject: [{ digest: { sha256: "BEEF" } }], predicate: {} }),
    );
    const file = await session.id("file", path);
    const refused = session.value(`attest { load(file: ${literal(file)}) { summary } }`);
    await expect(refused).rejects.toThrow(
      /STATEMENT_INVALID[^]*_type[^]*subject\[0\]\.digest\.sha256[^]*predicateType/,
    );
  });

  it("takes the content's digest, not Dagger's", async () => {
    const content = await readFile(join(session.workdir, "app.bin"));
    const file = await session.id("file", join(session.workdir, "app.bin"));
    const { subject } = await parsed(
      `{ withSubjectFile(file: ${literal(file)}, name: "x") { asFile { contents } }`,
    );
    expect(subject).toMatchObject([
      { digest: { sha256: createHash("sha256").update(content).digest("hex") } },
    ]);
  });
});
