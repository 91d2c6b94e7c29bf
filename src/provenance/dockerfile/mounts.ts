/** `RUN --mount=type=secret,id=token,required=true`: what a command gets besides its files. */
import type { Instruction } from "./parse.js";

export type RunMount = {
  readonly type: string;
  /** Options by name; one without a value is "true". */
  readonly options: ReadonlyMap<string, string>;
};

/** The mounts of a RUN. `bind` where no type is written. */
export function mountsOf({ flags }: Instruction): RunMount[] {
  return flags
    .filter(({ name }) => name === "mount")
    .map(({ value }) => {
      const options = new Map(commaFields(value).map(optionOf));
      return { type: (options.get("type") ?? "bind").toLowerCase(), options };
    });
}

/** Where it is in the container, as BuildKit places it. */
export function mountTarget({ type, options }: RunMount): string {
  const target = writtenTarget(options);
  const variable = options.get("env");
  if (target !== undefined) return target;
  if (type === "secret") return variable === undefined ? `/run/secrets/${mountId(options)}` : `$${variable}`;
  return type === "ssh" ? "/run/buildkit/ssh_agent.0" : "/";
}

/** Its name for whoever hands it over. */
export function mountId(options: RunMount["options"]): string {
  const id = options.get("id");
  if (id !== undefined && id !== "") return id;
  return writtenTarget(options)?.split("/").at(-1) ?? "";
}

function writtenTarget(options: RunMount["options"]): string | undefined {
  return options.get("target") ?? options.get("dst") ?? options.get("destination");
}

function optionOf(field: string): [string, string] {
  const at = field.indexOf("=");
  return at < 0
    ? [field.trim().toLowerCase(), "true"]
    : [field.slice(0, at).trim().toLowerCase(), field.slice(at + 1)];
}

/** Fields between commas; one in double quotes may hold commas. */
function commaFields(value: string): string[] {
  const fields = value.match(/"(?:[^"]|"")*"|[^,]+/g) ?? [];
  return fields.map((field) =>
    field.startsWith('"')
      ? field.slice(1, field.endsWith('"') ? -1 : undefined).replaceAll('""', '"')
      : field,
  );
}
