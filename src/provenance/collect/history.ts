/**
 * The history in an exported image's config: what the engine calls each layer. Free text that is no
 * contract, of the root file system only: mounts, caches and secrets do not show in it.
 * https://github.com/opencontainers/image-spec/blob/main/config.md#properties
 */
import { type Collected, evidenceFrom, type Gap } from "../evidence.js";
import type { Material } from "../evidence/material.js";
import type { Step } from "../evidence/step.js";
import { isRecord, recordsOf, textOf } from "../json.js";
import { gitLocator, imageLocator } from "../locators.js";
import { type Redactor, redactorFor } from "../redact.js";

const found = { source: "history", exactness: "inferred" } as const;

type Draft = { readonly steps: Step[]; readonly materials: Material[]; readonly gaps: Gap[] };

/** Evidence from an OCI image config (parsed JSON). Layers that other tools described are kept by their text. */
export function collectHistory(config: unknown, secrets: readonly string[] = []): Collected {
  const history = isRecord(config) ? recordsOf(config["history"]) : [];
  if (history.length === 0) return { unavailable: "history", because: "the image config holds no history" };
  const draft: Draft = { steps: [], materials: [], gaps: [] };
  const redactor = redactorFor(secrets);
  for (const [index, layer] of history.entries())
    readLayer(draft, textOf(layer["created_by"]), index, redactor);
  return evidenceFrom("history", draft);
}

function readLayer(draft: Draft, text: string, index: number, redactor: Redactor): void {
  const digest = `history:${index}`;
  const step = (operation: string, kind: Step["kind"], args: Step["arguments"] = {}) =>
    draft.steps.push({ ...found, digest, operation, kind, inputs: [], arguments: args });
  const command = /^mount \S+ from exec ([\s\S]*)$/.exec(text)?.[1];
  if (command !== undefined)
    return void step("Container.withExec", "exec", { command: redactor.text(command) });
  const material = materialOf(text, digest, redactor);
  if (material !== undefined) return void draft.materials.push(material);
  if (text === "rehydrated persisted snapshot" || text === "") return void draft.gaps.push(oldLayer(index));
  const operation = fileOperations.find(([prefix]) => text.startsWith(prefix))?.[1];
  step(operation ?? "layer", operation === undefined ? "other" : "file", { text: redactor.text(text) });
}

const fileOperations: readonly (readonly [string, string])[] = [
  ["withNewFile ", "Container.withNewFile"],
  ["withfile ", "Container.withFile"],
  ["Directory.withDirectory", "Container.withDirectory"],
  ["Container.withDirectory", "Container.withDirectory"],
  ["chown", "Directory.chown"],
  ["symlink", "Container.withSymlink"],
  ["patch", "Directory.withPatch"],
];

function materialOf(text: string, step: string, redactor: Redactor): Material | undefined {
  const layer = /^import image layer sha256:([0-9a-f]{64})/.exec(text)?.[1];
  if (layer !== undefined)
    return {
      ...found,
      kind: "other",
      uri: `oci-layer:sha256:${layer}`,
      digests: { sha256: layer },
      steps: [step],
    };
  const pulled = /^pulled from (\S+)/.exec(text)?.[1];
  if (pulled !== undefined) return { ...found, kind: "image", ...imageLocator(pulled), steps: [step] };
  const git = /^git checkout for (\S+) \((\S+) ([0-9a-f]{40}|[0-9a-f]{64})\)/.exec(text);
  if (git !== null)
    return {
      ...found,
      kind: "git",
      ...gitLocator(git[1] ?? "", git[2]),
      digests: { gitCommit: git[3] ?? "" },
      steps: [step],
    };
  const download = /^http state resolve (.+)$/.exec(text)?.[1];
  if (download !== undefined) return downloadOf(redactor.url(download), step);
  return undefined;
}

function downloadOf(name: string, step: string): Material {
  const missing = "the image history names the file only";
  return { ...found, kind: "http", uri: `download:${encodeURI(name)}`, digests: {}, missing, steps: [step] };
}

function oldLayer(index: number): Gap {
  return { code: "built-before-observation", detail: `layer ${index}: older than the engine's last start` };
}
