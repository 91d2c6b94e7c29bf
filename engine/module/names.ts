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

/**
 * Whether Dagger leaves a function's, field's or argument's name as it is. It would rewrite others
 * (`traceURL`, `sha256sum`), and a rewritten name is one that no one has typed.
 */
export function isKeptAsIs(name: string): boolean {
  return /^[a-z][A-Za-z0-9]*$/.test(name) && !/[A-Z]{2}|[0-9][a-z]/.test(name);
}

/** The field of Query that constructs a module: `my-ci` → `myCi`. */
export function constructorName(moduleName: string): string {
  const name = pascalCase(moduleName);
  return name.charAt(0).toLowerCase() + name.slice(1);
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
