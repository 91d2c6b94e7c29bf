/**
 * Names as Dagger makes them: the schema's from a class's, the command line's from the schema's.
 * https://github.com/dagger/dagger/blob/v0.21.8/core/gqlformat.go; its rules for case are those of
 * https://github.com/iancoleman/strcase
 */

/** `sbom-report`, `sbom_report`, `sbomReport` → `SbomReport`; a letter after a digit is raised too. */
export function pascalCase(name: string): string {
  return name
    .split(/[-_ .]+/)
    .filter((word) => word !== "")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("")
    .replace(/[0-9][a-z]/g, (pair) => pair.toUpperCase());
}

/** The same with a lower-case first letter: the names of fields and arguments. */
export function camelCase(name: string): string {
  const pascal = pascalCase(name);
  return pascal.charAt(0).toLowerCase() + pascal.slice(1);
}

/**
 * An object's or enum's name in the schema: prefixed with the module's, unless it starts with it and
 * goes on with a capital. `Attestation` in `attest` is `AttestAttestation`, `AttestResult` stays.
 */
export function schemaName(className: string, moduleName: string): string {
  const name = pascalCase(className);
  const prefix = pascalCase(moduleName);
  if (name === prefix) return prefix;
  if (name.startsWith(prefix) && /^[A-Z]/.test(name.slice(prefix.length))) return name;
  return prefix + name;
}

/** An enum member's name in the schema: kept where it is upper case already, else `SpdxJson` → `SPDX_JSON`. */
export function enumMemberName(name: string): string {
  return /^[A-Z0-9_]+$/.test(name) ? name : kebabCase(name).replaceAll("-", "_").toUpperCase();
}

/** The command line's form of a name: `asFile` → `as-file`, `sha256` → `sha-256`. */
export function kebabCase(name: string): string {
  return name
    .replace(/([a-z])([A-Z0-9])/g, "$1-$2")
    .replace(/([0-9])([A-Za-z])/g, "$1-$2")
    .replace(/([A-Z])([0-9])/g, "$1-$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .replace(/[_. ]+/g, "-")
    .toLowerCase();
}
