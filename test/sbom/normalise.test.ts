import { describe, expect, it } from "vitest";

import { objectsIn } from "../../src/sbom/edit.js";
import { normaliseSbom, type NormaliseOptions } from "../../src/sbom/normalise.js";
import { jsonPieces } from "../../src/sbom/pieces.js";
import type { SbomDocument } from "../../src/sbom/types.js";
import { nameBasedUuid } from "../../src/sbom/uuid.js";
import fc from "../support/property.js";

const options: NormaliseOptions = { format: "cyclonedx-json", created: 0, name: "demo" };
const created = "1970-01-01T00:00:00Z";

function bytes(document: SbomDocument): string {
  return JSON.stringify(document);
}

function spdx(run: number): SbomDocument {
  const annotationDate = `2026-11-24T00:00:0${run}Z`;
  const annotations = [
    { annotator: "Tool: trivy-0.74.0", annotationDate, annotationType: "OTHER", comment: "x" },
  ];
  return {
    spdxVersion: "SPDX-2.3",
    SPDXID: "SPDXRef-DOCUMENT",
    name: "/attest/directory",
    documentNamespace: `https://example.org//attest/directory-${run}`,
    creationInfo: { creators: ["Tool: trivy-0.74.0"], created: annotationDate },
    packages: [
      { name: "/attest/directory", SPDXID: "SPDXRef-Root", annotations },
      { name: "lib", SPDXID: "SPDXRef-Lib", annotations, sourceInfo: "/attest/directory/package-lock.json" },
    ],
    relationships: [
      {
        spdxElementId: "SPDXRef-DOCUMENT",
        relatedSpdxElement: "SPDXRef-Root",
        relationshipType: "DESCRIBES",
      },
    ],
  };
}

describe("an SPDX document", () => {
  const spdxOptions: NormaliseOptions = { ...options, format: "spdx-json", inputRoot: "/attest/directory" };

  it("loses what differs between two scans, and keeps the order of keys", () => {
    const first = normaliseSbom(spdx(1), spdxOptions);
    expect(bytes(normaliseSbom(spdx(2), spdxOptions))).toBe(bytes(first));
    expect(Object.keys(first)).toEqual(Object.keys(spdx(1)));
    expect(bytes(first).match(/20\d\d-/)).toBeNull();
  });

  it("carries the given name, a name-based namespace, and the input's own paths", () => {
    const normalised = normaliseSbom(spdx(1), { ...spdxOptions, name: "a b/c", version: "2" });
    expect(normalised["name"]).toBe("a b/c");
    expect(normalised["documentNamespace"]).toMatch(
      /^https:\/\/spdx\.org\/spdxdocs\/a%20b%2Fc-[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(normalised["packages"]).toEqual([
      expect.objectContaining({ name: "a b/c", versionInfo: "2" }),
      expect.objectContaining({ name: "lib", sourceInfo: "/package-lock.json" }),
    ]);
    expect(bytes(normalised)).not.toContain("/attest/");
  });

  it("has another namespace for other content", () => {
    const other = { ...spdx(1), comment: "other" };
    const namespaces = [spdx(1), other].map((each) => normaliseSbom(each, spdxOptions)["documentNamespace"]);
    expect(namespaces[0]).not.toBe(namespaces[1]);
  });

  it("is not changed itself", () => {
    const document = spdx(1);
    normaliseSbom(document, spdxOptions);
    expect(document).toEqual(spdx(1));
  });
});

/** A CycloneDX document as Trivy writes it: random references, everything sorted by them. */
function trivyDocument(
  shape: { readonly contents: readonly string[]; readonly edges: readonly (readonly [number, number])[] },
  uuids: readonly string[],
): SbomDocument {
  const refs = shape.contents.map((_, index) => uuids[index] ?? "");
  const components = shape.contents.map((name, index) => ({ "bom-ref": refs[index], type: "library", name }));
  const dependencies = refs.map((ref, index) => ({
    ref,
    dependsOn: [
      ...new Set(shape.edges.filter(([from]) => from === index).map(([, to]) => refs[to] ?? "")),
    ].sort(),
  }));
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.7",
    serialNumber: `urn:uuid:${uuids.at(-1)}`,
    metadata: {
      timestamp: "2026-11-24T00:00:00+00:00",
      component: { type: "application", name: "/attest/x" },
    },
    components: components.sort((a, b) => ((a["bom-ref"] ?? "") < (b["bom-ref"] ?? "") ? -1 : 1)),
    dependencies: dependencies.sort((a, b) => (a.ref < b.ref ? -1 : 1)),
  };
}

const uuid = (number: number) => `${String(number).padStart(8, "0")}-0000-4000-8000-000000000000`;

/** The list begun at each of its places. */
function rotations<T>(list: readonly T[]): T[][] {
  return list.map((_, start) => [...list.slice(start), ...list.slice(0, start)]);
}

const uuids = (length: number) =>
  fc.uniqueArray(fc.uuid({ version: 4 }), { minLength: length, maxLength: length });

describe("a CycloneDX document", () => {
  it("has the given name, time and a name-based serial number", () => {
    const document = trivyDocument({ contents: ["a"], edges: [] }, ["x", "y"]);
    expect(normaliseSbom(document, { ...options, created: 1_700_000_000, version: "7" })).toMatchObject({
      serialNumber: expect.stringMatching(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5/) as unknown,
      metadata: { timestamp: "2023-11-14T22:13:20Z", component: { name: "demo", version: "7" } },
    });
    expect(normaliseSbom(document, options)).toMatchObject({ metadata: { timestamp: created } });
  });

  it("has the same bytes whatever random references a scan came up with (trees, content may repeat)", () => {
    const size = 8;
    const tree = fc.tuple(
      fc.array(fc.constantFrom("same", "same too", "other"), { minLength: size, maxLength: size }),
      fc.tuple(...Array.from({ length: size - 1 }, (_, index) => fc.nat({ max: index }))),
    );
    fc.assert(
      fc.property(tree, uuids(size + 1), uuids(size + 1), ([contents, parents], one, two) => {
        const shape = { contents, edges: parents.map((parent, index) => [parent, index + 1] as const) };
        const first = normaliseSbom(trivyDocument(shape, one), options);
        const second = normaliseSbom(trivyDocument(shape, two), options);
        expect(bytes(second)).toBe(bytes(first));
      }),
    );
  });

  it("tells components of equal content apart one at a time: what one is decides what the next may be", () => {
    // 1 is below 0 with its twin 2; 3 is below 1, 4 to 6 below 0 and 3: a found case of a random tree.
    const contents = [
      "same",
      "same too",
      "same too",
      "same too",
      "same too",
      "same too",
      "same too",
      "other",
    ];
    const edges = [0, 1, 0, 1, 3, 3, 0].map((parent, index) => [parent, index + 1] as const);
    const bytesWith = (ids: readonly string[]) =>
      bytes(normaliseSbom(trivyDocument({ contents, edges }, ids), options));
    const orders = rotations(contents.map((_, index) => uuid(index)));
    expect(new Set(orders.map((ids) => bytesWith([...ids, uuid(99)]))).size).toBe(1);
  });

  it("of a hundred and fifty thousand components is named to the last one", () => {
    const count = 150_000;
    const contents = Array.from({ length: count }, (_, index) => `c${index}`);
    const shape = { contents, edges: [[0, count - 1]] as const };
    const ids = contents.map((_, index) => uuid(index));
    const { components } = normaliseSbom(trivyDocument(shape, [...ids, uuid(count)]), options);
    expect(new Set(objectsIn(components).map((each) => each["bom-ref"])).size).toBe(count);
  });

  it("keeps the graph: every reference that was there still points at the same component", () => {
    const graph = fc.array(fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 5 })), { maxLength: 12 });
    fc.assert(
      fc.property(graph, uuids(7), (edges, ids) => {
        const contents = ["a", "b", "c", "d", "e", "f"];
        const before = trivyDocument({ contents, edges }, ids);
        const after = normaliseSbom(before, options);
        expect(namedEdges(after)).toEqual(namedEdges(before));
        expect(new Set(JSON.stringify(after).match(/"bom-ref":"[^"]+"/g)).size).toBe(contents.length);
      }),
    );
  });

  it("keeps references that are not random", () => {
    const document = {
      ...trivyDocument({ contents: [], edges: [] }, ["x"]),
      components: [
        { "bom-ref": "pkg:npm/z@1", name: "z" },
        { "bom-ref": "1a2b", name: "a" },
      ],
      dependencies: [{ ref: "pkg:npm/z@1", dependsOn: ["1a2b"] }],
    };
    const { components, dependencies } = normaliseSbom(document, options);
    expect({ components, dependencies }).toEqual({
      components: document.components,
      dependencies: document.dependencies,
    });
  });
});

/** The edges of a document by component names, sorted. */
function namedEdges(document: SbomDocument): string[] {
  const components = document["components"] as { "bom-ref": string; name: string }[];
  const dependencies = document["dependencies"] as { ref: string; dependsOn: string[] }[];
  const names = new Map(components.map((each) => [each["bom-ref"], each.name]));
  return dependencies
    .flatMap(({ ref, dependsOn }) => dependsOn.map((to) => `${names.get(ref)} -> ${names.get(to)}`))
    .sort();
}

describe("created", () => {
  it.each([
    [0, created],
    ["0", created],
    ["1700000000", "2023-11-14T22:13:20Z"],
    ["2026-11-24T06:35:00Z", "2026-11-24T06:35:00Z"],
  ])("%s is %s", (given, expected) => {
    expect(normaliseSbom(spdx(1), { ...options, format: "spdx-json", created: given })).toMatchObject({
      creationInfo: { created: expected },
    });
  });

  it.each([
    "",
    "now",
    "2026-11-24",
    "2026-02-30T00:00:00Z",
    "2026-11-24T06:35:00+02:00",
    -1,
    1.5,
    1e15,
    Number.NaN,
  ])("%s is refused", (given) => {
    expect(() => normaliseSbom(spdx(1), { ...options, format: "spdx-json", created: given })).toThrow(
      /ARGUMENT_INVALID: .*\n {2}created: /,
    );
  });
});

describe("a name-based UUID", () => {
  it("is that of Python's uuid module for its own example", () => {
    const dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    // https://docs.python.org/3/library/uuid.html#example
    expect(nameBasedUuid(dns, ["python", ".org"])).toBe("886313e1-3b8a-5372-9b90-0c9aee199e5d");
  });
});

describe("the pieces of a document", () => {
  it("joined are what JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (document) => {
        expect([...jsonPieces(document)].join("")).toBe(JSON.stringify(document));
      }),
    );
  });
});
