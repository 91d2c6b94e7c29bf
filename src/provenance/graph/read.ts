/**
 * A predicate back as evidence, for its picture: of a statement that was made long ago, or elsewhere.
 * Nothing in it is believed: words that a picture puts into markup are taken from closed lists only.
 */
import { AttestError } from "../../error.js";
import { describeValue } from "../../statement/json-value.js";
import type { DigestSet } from "../../statement/types.js";
import { type Evidence, evidenceFrom } from "../evidence.js";
import type { EvidenceSource, Exactness } from "../evidence/found.js";
import type { Material, MaterialKind } from "../evidence/material.js";
import type { ArgumentValue, Mount, Step, StepKind } from "../evidence/step.js";
import type { Timing, Usage } from "../evidence/use.js";
import { isRecord, recordsOf, textOf } from "../json.js";
import { buildType, type Completeness } from "../slsa/types.js";
import { sourceColours } from "./style.js";

/** What a predicate says of a build. */
export type Build = { readonly evidence: Evidence; readonly completeness: Completeness };

/**
 * Reads a predicate that `provenancePredicate` wrote, in either mode.
 * @throws AttestError PREDICATE_INVALID for provenance of another build type, whose steps nobody here knows.
 */
export function readBuild(predicate: unknown): Build {
  const definition = recordAt(predicate, "buildDefinition");
  if (definition["buildType"] !== buildType)
    throw new AttestError("PREDICATE_INVALID", "a picture is drawn of a Dagger build only", {
      problems: [
        {
          path: "buildDefinition.buildType",
          expected: buildType,
          got: describeValue(definition["buildType"]),
        },
      ],
      next: "Draw provenance that this module made.",
    });
  const details = recordAt(predicate, "runDetails");
  const document = stepsDocument(details);
  const steps = recordsOf(document["steps"]);
  return {
    evidence: evidenceFrom("recipe", {
      ...(document["value"] === undefined ? {} : { root: textOf(document["value"]) }),
      materials: recordsOf(definition["resolvedDependencies"]).map(materialOf),
      steps: steps.map(stepOf),
      timing: steps.flatMap(timingOf),
      usage: steps.flatMap(usageOf),
      outputs: recordsOf(document["outputs"]).map((output) => ({
        ...foundIn(output),
        address: textOf(output["address"]),
        digests: digestsOf(output["digests"]),
        step: textOf(output["step"]),
      })),
    }),
    completeness: completenessOf(recordAt(recordAt(details, "metadata"), "dagger_completeness")),
  };
}

function stepsDocument(details: Record<string, unknown>): Record<string, unknown> {
  const byproduct = recordsOf(details["byproducts"]).find(({ name }) => name === "steps") ?? {};
  return recordAt(recordAt(byproduct, "annotations"), "document");
}

function materialOf(descriptor: Record<string, unknown>): Material {
  const annotations = recordAt(descriptor, "annotations");
  const texts = ["name", "requested", "platform", "missing"] as const;
  const known = texts.map((name) => [name, annotations[name] ?? descriptor[name]] as const);
  const digestSource = annotations["digestSource"];
  const alsoAs = textsOf(annotations["alsoAs"]);
  return {
    ...foundIn(annotations),
    kind: oneOf(materialKinds, annotations["kind"], "other"),
    uri: textOf(descriptor["uri"]),
    digests: digestsOf(descriptor["digest"]),
    ...Object.fromEntries(known.filter(([, value]) => typeof value === "string")),
    ...(digestSource === undefined ? {} : { digestSource: oneOf(sources, digestSource, "declared") }),
    ...(alsoAs.length === 0 ? {} : { alsoAs }),
    steps: textsOf(annotations["steps"]),
  };
}

function stepOf(step: Record<string, unknown>): Step {
  const { argv, workdir, environment, mounts, arguments: args, inline, location } = step;
  return {
    ...foundIn(step),
    digest: textOf(step["id"]),
    operation: textOf(step["operation"]),
    kind: oneOf(stepKinds, step["kind"], "other"),
    inputs: textsOf(step["inputs"]),
    ...(argv === undefined ? {} : { argv: textsOf(argv) }),
    ...(typeof workdir === "string" ? { workdir } : {}),
    ...(isRecord(args) ? { arguments: args as Readonly<Record<string, ArgumentValue>> } : {}),
    ...(environment === undefined ? {} : { environment: textsOf(environment) }),
    ...(mounts === undefined ? {} : { mounts: recordsOf(mounts).map(mountOf) }),
    ...(isRecord(location) ? { location: locationOf(location) } : {}),
    ...(isRecord(inline)
      ? { inline: { size: Number(inline["size"]) || 0, sha256: textOf(inline["sha256"]) } }
      : {}),
  };
}

function locationOf({ file, lines }: Record<string, unknown>): NonNullable<Step["location"]> {
  const [first = 0, last = 0] = Array.isArray(lines) ? lines.map((line) => Number(line) || 0) : [];
  return { file: textOf(file), lines: [first, last] };
}

function mountOf({ kind, target }: Record<string, unknown>): Mount {
  return { kind: oneOf(mountKinds, kind, "directory"), target: textOf(target) };
}

function timingOf(step: Record<string, unknown>): Timing[] {
  const [startedOn, finishedOn] = [timeIn(step["startedOn"]), timeIn(step["finishedOn"])];
  if (startedOn === "") return [];
  const outcome = oneOf(outcomes, step["outcome"], "unfinished");
  const { exitCode } = step;
  const timing = {
    ...foundIn(step),
    step: textOf(step["id"]),
    startedOn,
    outcome,
    ...(typeof exitCode === "number" ? { exitCode } : {}),
  };
  return [finishedOn === "" ? timing : { ...timing, finishedOn }];
}

function timeIn(value: unknown): string {
  const text = textOf(value);
  return /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text)) ? text : "";
}

function usageOf(step: Record<string, unknown>): Usage[] {
  const { usage } = step;
  if (!isRecord(usage)) return [];
  const counters = Object.fromEntries(Object.entries(usage).filter(([, value]) => typeof value === "number"));
  const measured = textOf(usage["measured"]);
  return [
    {
      ...foundIn(step),
      step: textOf(step["id"]),
      ...counters,
      ...(measured === "" ? {} : { measured }),
    },
  ];
}

function completenessOf(block: Record<string, unknown>): Completeness {
  const { contradictions } = block;
  return {
    materials: oneOf(levels, block["materials"], "none"),
    steps: oneOf(levels, block["steps"], "none"),
    usage: oneOf(["complete", "partial", "none"], block["usage"], "none"),
    hermetic: block["hermetic"] === true,
    sources: textsOf(block["sources"]),
    gaps: textsOf(block["gaps"]),
    notes: textsOf(block["notes"]),
    ...(contradictions === undefined ? {} : { contradictions: textsOf(contradictions) }),
  };
}

const sources = Object.keys(sourceColours) as readonly EvidenceSource[];
const exactnesses: readonly Exactness[] = ["exact", "observed", "inferred", "claimed"];
const outcomes: readonly Timing["outcome"][] = ["run", "cached", "failed", "unfinished"];
const levels = ["complete", "partial", "declared", "none"] as const;
const stepKinds: readonly StepKind[] = [
  ...(["exec", "base", "source", "file", "mount", "config"] as const),
  ...(["select", "opaque", "publish", "function", "other"] as const),
];
const mountKinds: readonly Mount["kind"][] = [
  ...(["directory", "file", "cache", "secret", "temp", "socket", "service", "volume"] as const),
];
const materialKinds: readonly MaterialKind[] = [
  ...(["image", "git", "http", "host-directory", "host-file"] as const),
  ...(["module", "file", "directory", "other"] as const),
];

function oneOf<T extends string>(allowed: readonly T[], value: unknown, otherwise: T): T {
  return allowed.find((one) => one === value) ?? otherwise;
}

function foundIn(item: Record<string, unknown>): Pick<Step, "source" | "exactness" | "alsoIn"> {
  const alsoIn = textsOf(item["alsoIn"]).filter((one): one is EvidenceSource =>
    sources.some((s) => s === one),
  );
  return {
    source: oneOf(sources, item["source"], "declared"),
    exactness: oneOf(exactnesses, item["exactness"], "claimed"),
    ...(alsoIn.length === 0 ? {} : { alsoIn }),
  };
}

function digestsOf(value: unknown): DigestSet {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function recordAt(value: unknown, name: string): Record<string, unknown> {
  const found = isRecord(value) ? value[name] : undefined;
  return isRecord(found) ? found : {};
}
