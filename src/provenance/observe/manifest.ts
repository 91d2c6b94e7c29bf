/** What has to be known of a module before it is served: its name, and where its source is. */
import { AttestError } from "../../error.js";
import { isRecord, textOf } from "../json.js";

export type ModuleManifest = {
  readonly name: string;
  /** Directory of the source, relative to the manifest's. */
  readonly source: string;
  /** As in `typescript`; "" where the manifest does not say. */
  readonly sdk: string;
};

/** Names of a module's manifest: Dagger 0.21's, and 1.0's beside it. */
export const manifestNames = ["dagger.json", "dagger-module.toml"] as const;

/** Name of the file that is added to an observed module: see `serve` in src/dagger/observe.ts. */
export const observationMarker = ".attest-observation";

/** @throws AttestError ARGUMENT_INVALID for a manifest without a name. */
export function readManifest(fileName: string, text: string): ModuleManifest {
  const { name, source, sdk } = fileName.endsWith(".json") ? fromJson(text) : fromToml(text);
  if (name !== "") return { name, source: source === "" ? "." : source, sdk };
  throw new AttestError("ARGUMENT_INVALID", `${fileName} names no module`, {
    problems: [{ path: "name", expected: "the module's name", got: "none" }],
    next: "Give the directory of a Dagger module, or say where it is with module-path.",
  });
}

function fromJson(text: string): ModuleManifest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  const manifest = isRecord(parsed) ? parsed : {};
  const { name, source, sdk } = manifest;
  return { name: textOf(name), source: textOf(source), sdk: textOf(isRecord(sdk) ? sdk["source"] : sdk) };
}

/** Two keys before the first table: a parser of TOML would be more than that. */
function fromToml(text: string): ModuleManifest {
  const head = text.split(/^\s*\[/m, 1)[0] ?? "";
  const value = (key: string): string =>
    new RegExp(`^\\s*${key}\\s*=\\s*["']([^"']*)["']`, "m").exec(head)?.[1] ?? "";
  return { name: value("name"), source: value("source"), sdk: "" };
}
